using Grpc.Core;

namespace Federation.Tests.Grpc;

public sealed class MetadataTests
{
    [Fact]
    public async Task Text_and_bytes_go_both_ways()
    {
        await using var host = await ProbeHost.StartAsync();
        using var channel = host.Open();
        var headers = new Metadata { { "Text", "value" }, { "bytes-bin", (byte[])[0, 255, 13, 10] } };
        using var call = new Probe.ProbeClient(channel.Invoker).UnaryAsync(new ProbeRequest { Then = Behaviour.EchoMetadata }, headers);

        await call.ResponseAsync.Within();

        Assert.Equal("value", call.GetTrailers().GetValue("text"));
        Assert.Equal([0, 255, 13, 10], call.GetTrailers().GetValueBytes("bytes-bin"));
        Assert.Equal(2, headers.Count);
    }

    [Theory]
    [InlineData("AQ==,Ag==", 2)]
    [InlineData("AQ, Ag", 2)]
    [InlineData("AQ==", 1)]
    [InlineData("!!!", 0)]
    [InlineData("", 1)]
    public async Task No_spelling_of_binary_metadata_breaks_a_handler(string value, int count)
    {
        await using var host = await ProbeHost.StartAsync();
        using var http = new HttpMessageInvoker(new SocketsHttpHandler());
        using var request = RawCall.To(host.Address, new ProbeRequest { Then = Behaviour.EchoMetadata });
        request.Headers.TryAddWithoutValidation("bytes-bin", value);

        using var response = await http.SendAsync(request, Limits.Cancel).Within();
        var body = await response.Content.ReadAsByteArrayAsync(Limits.Cancel).Within();

        Assert.Equal("0", await RawCall.StatusOfAsync(response));
        Assert.Equal(count, ProbeReply.Parser.ParseFrom(body.AsSpan(5)).Count);
    }

    [Fact]
    public void Keys_are_lower_case_and_the_last_value_wins()
    {
        var metadata = new Metadata { { "Key", "1" }, { "other", "2" }, { "KEY", "3" } };

        Assert.Equal("3", metadata.GetValue("kEy"));
        Assert.Equal(["1", "3"], metadata.GetAll("key").Select(entry => entry.Value));
        Assert.Null(metadata.Get("none"));
        Assert.Equal("key", metadata[0].Key);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("ä")]
    [InlineData(":path")]
    [InlineData("bytes-bin")]
    public void Text_has_a_key_for_text(string key) => Assert.ThrowsAny<ArgumentException>(() => new Metadata.Entry(key, "value"));

    [Fact]
    public void Bytes_have_a_key_for_bytes_and_are_copied()
    {
        byte[] bytes = [1, 2];
        var entry = new Metadata.Entry("a-bin", bytes);
        bytes[0] = 9;
        entry.ValueBytes[1] = 9;

        Assert.Equal([1, 2], entry.ValueBytes);
        Assert.True(entry.IsBinary);
        Assert.ThrowsAny<ArgumentException>(() => new Metadata.Entry("a", bytes));
    }

    [Fact]
    public void The_empty_metadata_stays_empty() => Assert.Throws<InvalidOperationException>(() => Metadata.Empty.Add("a", "b"));
}
