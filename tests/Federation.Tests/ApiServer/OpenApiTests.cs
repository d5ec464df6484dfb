using System.Text.Json.Nodes;
using Federation.Resources;
using Federation.Tests.Hub;

namespace Federation.Tests.ApiServer;

/// <summary>What the server says of itself is what it does.</summary>
public sealed class OpenApiTests
{
    [Fact]
    public async Task Every_kind_is_described_with_all_its_fields_and_each_field_in_words()
    {
        await using var hub = await TestHub.StartAsync();
        var index = await hub.ReadAsync("/openapi/v3");
        var document = await hub.ReadAsync(index["paths"]!["apis/ipam.federation.io/v1alpha1"]!["serverRelativeURL"]!.GetValue<string>());

        foreach (var kind in KindInfo.All)
        {
            var schema = document["components"]!["schemas"]![$"io.federation.ipam.v1alpha1.{kind.Name}"]!;
            Assert.Equal(kind.Name, schema["x-kubernetes-group-version-kind"]![0]!["kind"]!.GetValue<string>());
            Assert.False(string.IsNullOrEmpty(schema["description"]!.GetValue<string>()));
            foreach (var part in new[] { "spec", "status" })
            {
                if (schema["properties"]![part] is { } described) Assert.Empty(Undescribed(described, $"{kind.Name} {part}"));
            }
        }
    }

    [Fact]
    public async Task A_sound_object_fits_the_schema_and_a_required_field_is_required_there_too()
    {
        await using var hub = await TestHub.StartAsync();
        var document = await hub.ReadAsync("/openapi/v2");

        foreach (var kind in KindInfo.All)
        {
            var spec = document["definitions"]![$"io.federation.ipam.v1alpha1.{kind.Name}"]!["properties"]!["spec"]!;
            var sound = FieldCorpus.SoundObject(kind)["spec"]!.AsObject();
            Assert.All(sound, field => Assert.NotNull(spec["properties"]?[field.Key]));
            Assert.All(spec["required"]?.AsArray() ?? [], name => Assert.True(sound.ContainsKey(name!.GetValue<string>()), $"{kind.Name} requires {name}"));
        }
    }

    [Fact]
    public async Task The_paths_say_that_the_server_checks_fields_and_can_rehearse()
    {
        await using var hub = await TestHub.StartAsync();
        var paths = (await hub.ReadAsync("/openapi/v3/apis/ipam.federation.io/v1alpha1"))["paths"]!;

        foreach (var kind in KindInfo.All)
        {
            var item = paths[$"{kind.Path(kind.IsNamespaced ? "{namespace}" : null)}/{{name}}"]!;
            var parameters = item["patch"]!["parameters"]!.AsArray().Select(static parameter => parameter!["name"]!.GetValue<string>()).ToList();
            Assert.Contains("dryRun", parameters);
            Assert.Contains("fieldValidation", parameters);
        }
    }

    static IEnumerable<string> Undescribed(JsonNode schema, string path)
    {
        if (schema["items"] is { } item) return Undescribed(item, path + "[]");
        return (schema["properties"]?.AsObject() ?? []).SelectMany(field => (field.Value!["description"] is null ? [$"{path}.{field.Key}"] : Array.Empty<string>()).Concat(Undescribed(field.Value, $"{path}.{field.Key}")));
    }
}
