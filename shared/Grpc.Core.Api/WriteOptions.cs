namespace Grpc.Core;

[Flags]
public enum WriteFlags
{
    /// <summary>More is coming at once: the message may wait in a buffer.</summary>
    BufferHint = 0x1,

    /// <summary>This message is not compressed.</summary>
    NoCompress = 0x2,
}

public class WriteOptions(WriteFlags flags = default)
{
    public static readonly WriteOptions Default = new();

    public WriteFlags Flags { get; } = flags;
}
