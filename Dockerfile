# Draws patterns and trains on them, on the CPU:
#   docker build -t patterngen .
#   docker run --rm -v "$PWD/work:/work" patterngen
# Any other command of the two programs in place of that: docker run --rm patterngen patterngen list
FROM python:3.13-slim
# Mesa draws the families of shader programs on the CPU.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libegl1 libgl1-mesa-dri \
    && rm -rf /var/lib/apt/lists/*
COPY . /source
# With TORCH_INDEX, where the builds of torch for the CPU lie, the image is 4 GB smaller: see pytorch.org.
ARG TORCH_INDEX=
RUN if [ -n "$TORCH_INDEX" ]; then pip install --no-cache-dir --index-url "$TORCH_INDEX" torch torchvision; fi \
    && pip install --no-cache-dir "/source[gl,train]"
WORKDIR /work
CMD ["sh", "-c", "\
patterngen render dead-leaves-mixed fbm spectro --count 2000 --size 64 --samples-per-shard 500 --out data/first \
&& trainer pretrain --data data/first --model vit_tiny --image-size 64 --channels 1 --batch-size 32 --steps 300 --out runs/first"]
