using System.Text;
using System.Text.Json;
using Federation.Resources;

namespace Federation.Tests.ApiServer;

/// <summary>Text that objects have alike is kept once, and is read as it was written.</summary>
public sealed class SharedTextTests
{
    [Fact]
    public void Two_objects_that_say_the_same_share_the_text_and_its_keys()
    {
        var (one, other) = (Read("a"), Read("b"));

        Assert.Same(one.Spec.PoolRef!.Name, other.Spec.PoolRef!.Name);
        Assert.Same(one.Metadata.Labels!.Keys.Single(), other.Metadata.Labels!.Keys.Single());
        Assert.NotEqual(one.Name, other.Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("with \"quotes\" and \\ and \n")]
    [InlineData("Grüße, 例, 😀")]
    [InlineData("sixty-four-characters-of-text-are-the-longest-that-are-kept-once")]
    [InlineData("sixty-five-characters-of-text-are-longer-than-what-is-kept-once--")]
    public void Text_is_read_as_it_was_written(string text)
    {
        var labels = new Dictionary<string, string> { [text + "-key"] = text };
        var json = JsonSerializer.SerializeToUtf8Bytes(new { metadata = new { name = text, labels } });

        for (var i = 0; i < 2; i++)
        {
            var read = ResourceJson.Read<IPClaim>(json);
            Assert.Equal((text, text), (read.Name, read.Metadata.Labels![text + "-key"]));
            Assert.Equal(text, ResourceJson.Read<IPClaim>(ResourceJson.Write(read)).Metadata.Labels![text + "-key"]);
        }
    }

    [Theory]
    [InlineData("""{"metadata":{"name":1}}""")]
    [InlineData("""{"metadata":{"name":["a"]}}""")]
    public void What_is_no_text_is_refused(string json) => Assert.Throws<JsonException>(() => ResourceJson.Read<IPClaim>(Encoding.UTF8.GetBytes(json)));

    static IPClaim Read(string name) => ResourceJson.Read<IPClaim>(Encoding.UTF8.GetBytes($$"""{"metadata":{"name":"{{name}}","labels":{"team":"x"} },"spec":{"poolRef":{"name":"prod"} } }"""));
}
