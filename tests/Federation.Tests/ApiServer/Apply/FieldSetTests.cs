using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Federation.ApiServer;
using Federation.Resources;

namespace Federation.Tests.ApiServer;

/// <summary>Sets of fields: what differs, what is merged, and the laws they keep.</summary>
public sealed class FieldSetTests
{
    static readonly FieldShape Shape = FieldShape.Of(typeof(IPClaim));

    [Theory]
    [InlineData("{}", """{"spec":{"prefixLength":1}}""", """{"f:spec":{".":{},"f:prefixLength":{}}}""", "{}", "{}")]
    [InlineData("""{"spec":{"prefixLength":1}}""", """{"spec":{"prefixLength":2}}""", "{}", """{"f:spec":{"f:prefixLength":{}}}""", "{}")]
    [InlineData("""{"spec":{"prefixLength":1,"cidr":"x"}}""", """{"spec":{"prefixLength":1}}""", "{}", "{}", """{"f:spec":{"f:cidr":{}}}""")]
    [InlineData("""{"metadata":{"labels":{"a":"1"}}}""", """{"metadata":{"labels":{"a":"1","b":"2"}}}""", """{"f:metadata":{"f:labels":{"f:b":{}}}}""", "{}", "{}")]
    [InlineData("""{"metadata":{"finalizers":["a","b"]}}""", """{"metadata":{"finalizers":["b","c"]}}""", """{"f:metadata":{"f:finalizers":{"v:\"c\"":{}}}}""", "{}", """{"f:metadata":{"f:finalizers":{"v:\"a\"":{}}}}""")]
    [InlineData("""{"status":{"conditions":[{"type":"A","status":"True"}]}}""", """{"status":{"conditions":[{"type":"B","status":"True"},{"type":"A","status":"False"}]}}""",
        """{"f:status":{"f:conditions":{"k:{\"type\":\"B\"}":{".":{},"f:status":{},"f:type":{}}}}}""", """{"f:status":{"f:conditions":{"k:{\"type\":\"A\"}":{"f:status":{}}}}}""", "{}")]
    public void What_differs_is_named_field_by_field(string before, string after, string added, string modified, string removed)
    {
        var changes = FieldTree.Compare(JsonNode.Parse(before), JsonNode.Parse(after), Shape);

        Assert.Equal((added, modified, removed), (Text(changes.Added), Text(changes.Modified), Text(changes.Removed)));
    }

    [Theory]
    [InlineData("""{"metadata":{"finalizers":["a","b","c"]}}""", """{"metadata":{"finalizers":["c","x","a"]}}""", """{"metadata":{"finalizers":["b","c","x","a"]}}""")]
    [InlineData("""{"spec":{"poolSelector":{"matchLabels":{"a":"1"}}}}""", """{"spec":{"poolSelector":{"matchLabels":{"b":"2"}}}}""", """{"spec":{"poolSelector":{"matchLabels":{"a":"1","b":"2"}}}}""")]
    [InlineData("""{"status":{"conditions":[{"type":"A","status":"True","reason":"R"}]}}""", """{"status":{"conditions":[{"type":"A","status":"False"},{"type":"B"}]}}""",
        """{"status":{"conditions":[{"type":"A","status":"False","reason":"R"},{"type":"B"}]}}""")]
    public void What_is_wanted_is_merged_into_what_is_there(string there, string wanted, string merged)
    {
        Assert.Equal(merged, FieldTree.Merge(JsonNode.Parse(there), JsonNode.Parse(wanted), Shape)!.ToJsonString());
    }

    [Fact]
    public void Sets_drawn_by_chance_keep_the_laws_of_sets_and_survive_their_text()
    {
        var random = new Random(7);
        for (var round = 0; round < 500; round++)
        {
            var (a, b) = (Drawn(random), Drawn(random));

            Assert.True(FieldSet.Read(a.ToJson()).SameAs(a), Text(a));
            Assert.True(a.Union(b).SameAs(b.Union(a)));
            Assert.True(a.Except(b).Union(a.Intersect(b)).SameAs(a));
            Assert.True(a.Except(b).Intersect(b).IsEmpty);
            Assert.Equal(a.Members().Count() + b.Members().Count(), a.Union(b).Members().Count() + a.Intersect(b).Members().Count());
        }
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"x:a":{}}""")]
    [InlineData("""{"f:a":1}""")]
    public void What_is_no_set_is_refused(string json) => Assert.ThrowsAny<JsonException>(() => FieldSet.Read(Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData("""{"metadata":{"name":"a","labels":{"x":"1"}},"spec":{"prefixLength":1}}""", """{"f:metadata":{"f:labels":{".":{},"f:x":{}}},"f:spec":{".":{},"f:prefixLength":{}}}""")]
    [InlineData("""{"metadata":{"name":"a","labels":{"y":"1"}},"spec":{"prefixLength":1}}""", """{"f:metadata":{"f:labels":{".":{},"f:y":{}}},"f:spec":{".":{},"f:prefixLength":{}}}""")]
    [InlineData("""{"metadata":{"name":"a","finalizers":["x"]},"spec":{"prefixLength":1}}""", """{"f:metadata":{"f:finalizers":{".":{},"v:\"x\"":{}}},"f:spec":{".":{},"f:prefixLength":{}}}""")]
    [InlineData("""{"metadata":{"name":"a","finalizers":["y"]},"spec":{"prefixLength":1}}""", """{"f:metadata":{"f:finalizers":{".":{},"v:\"y\"":{}}},"f:spec":{".":{},"f:prefixLength":{}}}""")]
    [InlineData("""{"metadata":{"name":"a"},"spec":{"poolRef":{"name":"p"}}}""", """{"f:spec":{".":{},"f:poolRef":{".":{},"f:name":{}}}}""")]
    [InlineData("""{"metadata":{"name":"a"},"spec":{"poolRef":{}}}""", """{"f:spec":{".":{},"f:poolRef":{}}}""")]
    public void What_a_maker_owns_follows_from_what_it_gives_however_often_the_like_was_made(string json, string fields)
    {
        var claim = ResourceJson.Read<IPClaim>(Encoding.UTF8.GetBytes(json));

        for (var i = 0; i < 3; i++) Assert.Equal(fields, Encoding.UTF8.GetString(FieldTracking.OfNew(KindInfo.Of<IPClaim>(), claim).Json.Span));
    }

    static FieldSet Drawn(Random random)
    {
        var set = new FieldSet();
        for (var i = random.Next(8); i > 0; i--) set.Insert(Enumerable.Range(0, random.Next(1, 4)).Select(_ => $"f:{(char)('a' + random.Next(3))}"));
        return set;
    }

    static string Text(FieldSet set) => Encoding.UTF8.GetString(set.ToJson());
}
