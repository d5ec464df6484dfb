using System.Runtime.CompilerServices;

namespace Grpc.Core;

public static class AsyncStreamReaderExtensions
{
    /// <summary>The messages of a stream for <c>await foreach</c>.</summary>
    public static IAsyncEnumerable<T> ReadAllAsync<T>(
        this IAsyncStreamReader<T> streamReader, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(streamReader);
        return Read(streamReader, cancellationToken);
    }

    static async IAsyncEnumerable<T> Read<T>(
        IAsyncStreamReader<T> reader, [EnumeratorCancellation] CancellationToken cancel)
    {
        while (await reader.MoveNext(cancel)) yield return reader.Current;
    }
}
