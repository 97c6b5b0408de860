"""Pictures to tensors: an endless, seeded stream of batches from shards, from live drawing, or a mixture.

The contract, on which exact resumption rests:

- The stream is read by several readers: each worker of each rank is one. What a reader yields is a sequence
  without an end that follows from (seed, reader, number of readers) alone, not from time or from what was
  read before.
- A worker gives batch after batch of its own; batches of a rank come from its workers in turn. Sample n of a
  reader is therefore found again by arithmetic, and a stream that starts at batch k gives just what a stream
  from the beginning would have given after k batches.
- In every pass over the data, the readers of all ranks read every picture once and no picture twice. Which
  reader reads which shard, or in the order over all shards which picture, is drawn anew for each pass.
- How a picture is cropped, scaled and mirrored follows from (seed, pass, key of the picture) alone.
- A picture that cannot be read keeps its number: with `skip_bad`, the next one that can stands in for it too.

Modules: `contract` says what a source is, `shards`, `by_offset`, `live` and `mixture` are sources, `sources`
opens them as the user named them, `pixel_cache` keeps what was decoded, `pixels` turns a sample into an
input, `stream` makes batches, `loader` reads ahead.
"""
