using System.IO.Compression;
using Grpc.Net.Compression;

namespace Federation.Tests.Grpc;

public sealed class CompressionTests
{
    public static TheoryData<ICompressionProvider> Providers =>
        [new GzipCompressionProvider(CompressionLevel.Fastest), new DeflateCompressionProvider(CompressionLevel.Fastest)];

    [Theory]
    [MemberData(nameof(Providers))]
    public void Nothing_is_compressed_to_something(ICompressionProvider provider)
    {
        var compressed = Compress(provider, []);

        Assert.NotEmpty(compressed);
        Assert.Empty(Decompress(provider, compressed));
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void What_goes_in_comes_out(ICompressionProvider provider)
    {
        var message = Enumerable.Range(0, 10_000).Select(i => (byte)(i * i)).ToArray();

        Assert.Equal(message, Decompress(provider, Compress(provider, message)));
    }

    static byte[] Compress(ICompressionProvider provider, byte[] message)
    {
        var output = new MemoryStream();
        using (var stream = provider.CreateCompressionStream(output, null)) stream.Write(message);
        return output.ToArray();
    }

    static byte[] Decompress(ICompressionProvider provider, byte[] compressed)
    {
        var output = new MemoryStream();
        using (var stream = provider.CreateDecompressionStream(new MemoryStream(compressed))) stream.CopyTo(output);
        return output.ToArray();
    }
}
