namespace Grpc.Net.Compression;

/// <summary>
/// The framework's compressing streams write nothing at all when nothing was written to them. Zero bytes are not a
/// valid compressed message, and other implementations refuse them; so the shortest valid form is written instead.
/// </summary>
sealed class NeverEmptyStream(Stream compressor, Stream output, byte[] whenEmpty) : Stream
{
    bool isEmpty = true;
    bool isDisposed;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => !isDisposed;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (buffer.IsEmpty) return;
        isEmpty = false;
        compressor.Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty) return ValueTask.CompletedTask;
        isEmpty = false;
        return compressor.WriteAsync(buffer, cancellationToken);
    }

    public override void Flush() => compressor.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => compressor.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !isDisposed)
        {
            isDisposed = true;
            compressor.Dispose();
            if (isEmpty) output.Write(whenEmpty);
        }

        base.Dispose(disposing);
    }
}
