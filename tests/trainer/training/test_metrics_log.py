from trainer.training.metrics_log import MetricsLog, read_metrics


def test_rows_after_the_checkpoint_are_forgotten(tmp_path):
    metrics = MetricsLog(tmp_path, 0)
    for step in (1, 2, 3):
        metrics.write({"step": step, "loss": 1 / step})
    metrics.close()
    with metrics.file.open("a") as file:
        file.write('{"step": 4, "lo')  # a crash cut this short
    assert len(read_metrics(tmp_path)) == 3
    for damaged in (b'{"step": 3, "loss": \xff}\n', b"[3]\n", b'{"loss": 1}\n'):
        whole = metrics.file.read_bytes()
        metrics.file.write_bytes(damaged + whole)
        assert read_metrics(tmp_path) == []
        metrics.file.write_bytes(whole)
    MetricsLog(tmp_path, 2).close()
    assert read_metrics(tmp_path) == [{"step": 1, "loss": 1.0}, {"step": 2, "loss": 0.5}]
