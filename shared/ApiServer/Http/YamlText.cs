using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Federation.ApiServer;

/// <summary>One YAML document as JSON. Anchors and aliases are refused: they can make a small text into a huge object.</summary>
static class YamlText
{
    const int DepthMax = 64;

    public static ReadOnlyMemory<byte> ToJson(ReadOnlyMemory<byte> yaml)
    {
        try
        {
            var parser = new Parser(new StringReader(Encoding.UTF8.GetString(yaml.Span)));
            parser.Consume<StreamStart>();
            parser.Consume<DocumentStart>();
            var node = Read(parser, depth: 0);
            parser.Consume<DocumentEnd>();
            if (!parser.Accept<StreamEnd>(out _)) throw ApiErrors.BadRequest("the body holds more than one YAML document; send one");
            return Encoding.UTF8.GetBytes(node?.ToJsonString() ?? "null");
        }
        catch (YamlException e)
        {
            throw ApiErrors.BadRequest($"the body is not valid YAML (line {e.Start.Line}, column {e.Start.Column})");
        }
        catch (ArgumentException)
        {
            throw ApiErrors.BadRequest("the body is not valid YAML: a key is there twice");
        }
    }

    static JsonNode? Read(Parser parser, int depth)
    {
        if (depth > DepthMax) throw ApiErrors.BadRequest($"the body is nested deeper than {DepthMax}");
        if (parser.Accept<AnchorAlias>(out _)) throw ApiErrors.BadRequest("YAML aliases are not accepted");
        if (parser.TryConsume<Scalar>(out var scalar)) return Value(scalar);
        if (parser.TryConsume<SequenceStart>(out _))
        {
            var list = new JsonArray();
            while (!parser.TryConsume<SequenceEnd>(out _)) list.Add(Read(parser, depth + 1));
            return list;
        }

        parser.Consume<MappingStart>();
        var map = new JsonObject();
        while (!parser.TryConsume<MappingEnd>(out _)) map.Add(parser.Consume<Scalar>().Value, Read(parser, depth + 1));
        return map;
    }

    /// <summary>YAML 1.2 core schema: plain words become null, booleans and numbers; quoted text stays text.</summary>
    static JsonNode? Value(Scalar scalar)
    {
        var text = scalar.Value;
        if (scalar.Style is not ScalarStyle.Plain) return text;
        if (text is "" or "~" or "null") return null;
        if (text is "true" or "false") return text == "true";
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)) return whole;
        return text.Contains('.', StringComparison.Ordinal) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : text;
    }
}
