"""What hearing costs: log-mels beside Kaldi's, embeddings beside a plain loop, and a probe of ESC-50's size.

`pytest benchmarks/bench_sound.py --benchmark-only -s`. Ours and theirs take turns on the same cores; ratios
are of medians in one run, of the time of the cores, which a busy machine stretches less than that on the
clock. For that, let threads sleep while they wait: OMP_WAIT_POLICY=PASSIVE.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import kaldi_native_fbank
import librosa
import numpy as np
import pytest
import soundfile
import soxr
import torch
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from trainer.encoders.config import EncoderConfig, new_encoder
from trainer.encoders.features import embed_clips
from trainer.encoders.int8 import in_precision
from trainer.encoders.sound_encoder import SoundEncoder
from trainer.sound.audio import read_logmel
from trainer.sound.audio_files import audio_files
from trainer.sound.clips import LoadedClip, load_clips
from trainer.sound.logmel import LogMel, log_mel
from trainer.tasks import Clip, Task
from trainer.training.device import autocast
from trainer.training.precision import EmbeddingPrecision
from trainer.transfer.holdout import with_validation
from trainer.transfer.linear_probe import linear_fold
from trainer.transfer.scores import score

RATE, SECONDS = 16_000, 5
ROUNDS = 3
CLIPS = {"vit_tiny": 48, "vit_base": 8}
"""Clips of five seconds, so that a round takes some seconds."""
Work = Callable[[], object]


@pytest.fixture(autouse=True, scope="module")
def all_cores() -> Iterator[None]:
    """Give embeddings all cores, whatever ran before."""
    cores = os.cpu_count() or 1
    torch.set_num_threads(min(cores, 2))
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(cores))
    yield
    os.sched_setaffinity(0, before)


def core_seconds(work: Work) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def in_turns(*works: Work) -> list[float]:
    """Return the median of the cores' seconds of each."""
    for work in works:
        work()
    rounds = [[core_seconds(work) for work in works] for _ in range(ROUNDS)]
    return [statistics.median(column) for column in zip(*rounds, strict=True)]


def recordings(folder: Path, count: int) -> list[Path]:
    """Noise of five seconds at 44.1 kHz, as WAV."""
    rng = np.random.default_rng(0)
    paths = [folder / f"{i}.wav" for i in range(count)]
    for path in paths:
        soundfile.write(path, 0.1 * rng.standard_normal(44_100 * SECONDS), 44_100, subtype="PCM_16")
    return paths


# --- log-mels ----------------------------------------------------------------------------------


def kaldis(wave: np.ndarray) -> np.ndarray:
    options = kaldi_native_fbank.FbankOptions()
    options.frame_opts.dither = 0
    options.frame_opts.samp_freq = RATE
    options.frame_opts.window_type = "hanning"
    options.mel_opts.num_bins = 80
    options.mel_opts.low_freq, options.mel_opts.high_freq = 20, 8000
    computer = kaldi_native_fbank.OnlineFbank(options)
    computer.accept_waveform(RATE, wave)
    computer.input_finished()
    return np.stack([computer.get_frame(i) for i in range(computer.num_frames_ready)])


def librosas(wave: np.ndarray) -> np.ndarray:
    mel = librosa.feature.melspectrogram(
        y=wave, sr=RATE, n_fft=400, hop_length=160, n_mels=80, fmin=50, fmax=8000
    )
    return np.log(np.maximum(mel, 2.0**-23))


def asrfronts(wave: np.ndarray) -> dict[str, Work]:
    """Return the front-ends of asrfront, whose forms are fixed, where it is installed."""
    try:
        from asrfront import sensevoice, whisper
    except ImportError:
        return {}
    return {
        "asrfront, Whisper's form": lambda: whisper.log_mel(wave, pad_or_trim=False),
        "asrfront, Whisper's form, 128 bands": lambda: whisper.log_mel(wave, 128, pad_or_trim=False),
        "asrfront, Kaldi's form": lambda: sensevoice.fbank_raw(wave),
    }


@pytest.fixture
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def bench_logmel(benchmark, note, one_thread):
    """Ten seconds on one core, in several forms, beside those of asrfront, Kaldi and librosa."""
    wave = 0.1 * np.random.default_rng(0).standard_normal(10 * RATE).astype(np.float32)
    clip, kaldi = torch.from_numpy(wave), replace(log_mel("kaldi"), n_mels=80)
    np.testing.assert_allclose(kaldi(clip).T.numpy(), kaldis(wave), atol=2e-3)
    np.testing.assert_allclose(LogMel()(clip).numpy(), librosas(wave), atol=1e-4)
    ours = {
        "librosa's form": LogMel(),
        "librosa's form, blocks": LogMel(),
        "librosa's form, levels of 50 dB": LogMel(range_db=50.0),
        "librosa's form, 128 bands, 64 ms": LogMel(n_mels=128, window_ms=64.0),
        "librosa's form, 22 050 Hz": LogMel(sample_rate=22_050),
        "librosa's form, a prime's 251 samples": LogMel(window_ms=251 / 16, n_mels=40),
        "Kaldi's form": kaldi,
        "Kaldi's form, 128 bands": log_mel("kaldi"),
    }
    works = {
        f"ours, {name}": partial(form.of_blocks, [clip]) if "blocks" in name else partial(form, clip)
        for name, form in ours.items()
    }
    works |= asrfronts(wave)
    works |= {"kaldi-native-fbank": lambda: kaldis(wave), "librosa": lambda: librosas(wave)}
    repeats = range(20)
    found = in_turns(*(lambda work=work: [work() for _ in repeats] for work in works.values()))
    benchmark.pedantic(kaldi, args=(clip,), rounds=5)
    for name, seconds in zip(works, found, strict=True):
        note(f"log-mel of 10 s, {name}: {1e3 * seconds / len(repeats):.2f} ms of a core")


def bench_files(benchmark, note, tmp_path, one_thread):
    """Files to log-mels in librosa's form: decoded, resampled, transformed; beside plain loops.

    ``AUDIO`` names a folder of recordings, of which the first 40 are read; by default noise is.
    """
    folder = os.environ.get("AUDIO")
    paths = list(audio_files(Path(folder)).files[:40]) if folder else recordings(tmp_path, 40)
    form = LogMel()

    def by_librosa() -> list[np.ndarray]:
        return [librosas(librosa.load(path, sr=RATE, mono=True)[0]) for path in paths]

    def by_torch() -> list[torch.Tensor]:
        """Decode, resample and transform as torchaudio's pipelines do, by the same libraries as ours."""
        bank, window = torch.from_numpy(form._bank()).float(), torch.hann_window(400)
        found = []
        for path in paths:
            wave, rate = soundfile.read(path, dtype="float32", always_2d=True)
            wave = torch.from_numpy(soxr.resample(wave.mean(axis=1), rate, RATE))
            spectrum = torch.stft(wave, 400, 160, window=window, pad_mode="constant", return_complex=True)
            found.append((bank @ spectrum.abs().square()).clamp(min=form.floor).log())
        return found

    def decoded() -> list[np.ndarray]:
        return [soundfile.read(path, dtype="float32")[0] for path in paths]

    ours = [read_logmel(path, form) for path in paths]
    for one, other, third in zip(ours, by_librosa(), by_torch(), strict=True):
        np.testing.assert_allclose(one.numpy(), third.numpy(), atol=0.05)
        assert np.abs(one.numpy() - other).mean() < 0.01
    own, librosas_own, torchs, floor = in_turns(
        lambda: [read_logmel(path, form) for path in paths], by_librosa, by_torch, decoded
    )
    benchmark.pedantic(read_logmel, args=(paths[0], form), rounds=5)
    seconds = {"ours": own, "librosa": librosas_own, "soundfile, soxr, torch.stft": torchs, "decoding": floor}
    for name, taken in seconds.items():
        note(f"{len(paths)} files to log-mels, {name}: {1e3 * taken / len(paths):.2f} ms of a core a file")


# --- embeddings --------------------------------------------------------------------------------


def sound_encoder(model: str) -> SoundEncoder:
    torch.manual_seed(0)
    config = EncoderConfig(
        model=model,
        input_size=(80, 208),
        patch_size=(16, 16),
        channels=1,
        mean=-7.0,
        std=4.0,
        logmel=LogMel(),
    )
    return SoundEncoder(new_encoder(config), config).eval()


def straightforward(encoder: SoundEncoder, paths: list[Path]) -> np.ndarray:
    """Embed as a script would: librosa, one clip at a time, every chunk filled up, float32."""
    vectors = []
    for path in paths:
        wave, _ = librosa.load(path, sr=RATE, mono=True)
        mel = librosa.feature.melspectrogram(
            y=wave, sr=RATE, n_fft=400, hop_length=160, n_mels=80, fmin=50, fmax=8000
        )
        clip = (torch.from_numpy(np.log(mel + 2.0**-23)) + 7.0) / 4.0
        steps = []
        with torch.no_grad():
            for chunk in clip.split(208, dim=1):
                whole = functional.pad(chunk, (0, 208 - chunk.shape[1]))
                tokens = encoder.vit.forward_features(whole[None, None])[0, 1:].reshape(5, 13, -1)
                steps.append(tokens.transpose(0, 1).flatten(1)[: round(chunk.shape[1] / 16)])
        vectors.append(torch.cat(steps).mean(dim=0).numpy())
    return np.stack(vectors)


def ours(encoder: SoundEncoder, paths: list[Path], precision: EmbeddingPrecision = "auto") -> np.ndarray:
    """Embed as the commands do, with nothing in the cache, by an encoder that is ready for the precision."""
    loaded = load_clips(paths, encoder.logmel, clip_seconds=None)
    context = autocast(torch.device("cpu"), precision)
    return embed_clips(
        encoder,
        [clip.logmel for clip in loaded if isinstance(clip, LoadedClip)],
        autocast=context,
        label=None,
    ).numpy()


def peak() -> float:
    """Return the operations per second of a core's time in a large product of matrices."""
    matrix = torch.randn(1024, 1024)
    return 2 * 1024**3 / min(core_seconds(lambda: matrix @ matrix) for _ in range(10))


@pytest.mark.parametrize("model", list(CLIPS))
def bench_embedding(benchmark, capsys, tmp_path, model):
    """Files to vectors, beside the plain loop and what the matrix products alone would take."""
    paths, encoder = recordings(tmp_path, CLIPS[model]), sound_encoder(model)
    # Not equal: the plain loop's encoder attends to what fills up the last chunk.
    one, other = ours(encoder, paths[:1])[0], straightforward(encoder, paths[:1])[0]
    assert one @ other / np.linalg.norm(one) / np.linalg.norm(other) > 0.98
    in_8_bits = in_precision(encoder, "int8")
    own, rounded, plain = in_turns(
        lambda: ours(encoder, paths),
        lambda: ours(in_8_bits, paths, "int8"),
        lambda: straightforward(encoder, paths),
    )
    logmels = [clip.logmel for clip in load_clips(paths, encoder.logmel, clip_seconds=None)]
    with FlopCounterMode(display=False) as counter, torch.no_grad():  # counts in its own thread alone
        steps = logmels[0].shape[1] // encoder.hop
        encoder(torch.stack(logmels)[:, :, : encoder.width(steps)])
    floor = counter.get_total_flops() / peak()
    benchmark.pedantic(ours, args=(encoder, paths), rounds=1)
    count = len(paths)
    with capsys.disabled():
        print(
            f"\n{model}, clips of 5 s a second of a core: {count / own:.1f}, in int8 {count / rounded:.1f}, "
            f"by the plain loop {count / plain:.1f}: {plain / own:.2f}× and {plain / rounded:.2f}×; "
            f"by the products in float32 at their peak, {count / floor:.1f}"
        )


# --- the probe ---------------------------------------------------------------------------------


def bench_probe(benchmark, capsys):
    """Five folds of 2000 × 1920 features in 50 classes, strength chosen, one seed, on one core."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    classes, folds = rng.permutation(np.arange(2000) % 50), np.repeat(np.arange(5), 400) + 1
    # As hard as ESC-50 is for a small encoder: half of the clips come out right. Features of an encoder are
    # correlated: the variance along their principal axes falls as a power of the axis' number.
    size = np.arange(1, 1921) ** -0.6
    centres = 0.2 * rng.standard_normal((50, 1920))
    turn = np.linalg.qr(rng.standard_normal((1920, 1920)))[0]
    features = torch.from_numpy(
        ((centres[classes] + rng.standard_normal((2000, 1920))) * size) @ turn
    ).float()
    clips = tuple(
        Clip(Path(f"{i}.wav"), f"{label}", int(fold))
        for i, (label, fold) in enumerate(zip(classes, folds, strict=True))
    )
    task = Task("esc50", clips, 5.0)

    def probe() -> list[float]:
        return [
            score(found.outputs, task.targets[fold.test])
            for fold in task.folds()
            for found in linear_fold(features, task, [with_validation(task, fold, 0.1, 0, remedy="")])
        ]

    begin = time.process_time()
    scores = benchmark.pedantic(probe, rounds=1)
    seconds = time.process_time() - begin
    torch.set_num_threads(threads)
    with capsys.disabled():
        print(f"\nprobe of ESC-50's size: {seconds:.1f} s of a core, {100 * np.mean(scores):.0f} % right")
