using System.Buffers;
using System.IO.Pipelines;

namespace Federation.Kubernetes;

/// <summary>Reads a stream line by line.</summary>
/// <param name="lineBytesMax">A longer line is refused before all of it is in memory.</param>
sealed class LineReader(Stream stream, int lineBytesMax) : IAsyncDisposable
{
    readonly PipeReader pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16 * 1024, leaveOpen: true));

    /// <summary>The next line without its end, or null when the stream has ended. A last line that was cut off is dropped.</summary>
    /// <exception cref="HttpRequestException">The stream broke, or the line is too long.</exception>
    public async ValueTask<byte[]?> ReadAsync(CancellationToken cancel)
    {
        while (true)
        {
            var read = await ReadMoreAsync(cancel);
            if (read.Buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = read.Buffer.Slice(0, end).ToArray();
                pipe.AdvanceTo(read.Buffer.GetPosition(1, end));
                return line;
            }

            if (read.IsCompleted) return null;
            if (read.Buffer.Length > lineBytesMax)
            {
                throw new HttpRequestException(HttpRequestError.ConfigurationLimitExceeded, $"A line of the watch is longer than {lineBytesMax} bytes.");
            }

            pipe.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    public ValueTask DisposeAsync() => pipe.CompleteAsync();

    async ValueTask<ReadResult> ReadMoreAsync(CancellationToken cancel)
    {
        try
        {
            return await pipe.ReadAsync(cancel);
        }
        catch (IOException e)
        {
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "The watch broke off.", e);
        }
    }
}
