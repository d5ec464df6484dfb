using System.Buffers;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;

namespace Federation.ApiServer;

/// <summary>Reads a request's body up to the limit, and refuses what is not in a format the server reads.</summary>
static class RequestBody
{
    /// <summary>As a kube-apiserver: 3 MiB.</summary>
    public const int BytesMax = 3 * 1024 * 1024;

    const string Json = "application/json";
    const string Yaml = "application/yaml";

    /// <summary>The body as JSON.</summary>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadObjectAsync(HttpRequest request, CancellationToken cancel)
    {
        var type = MediaType(request);
        if (type is not ("" or Json or Yaml or ProtobufBody.MediaType)) throw ApiErrors.UnsupportedMediaType(type, $"{Json}, {Yaml}");
        var body = await ReadBytesAsync(request, cancel);
        if (type is ProtobufBody.MediaType) return ProtobufBody.ToJson(body) ?? throw ApiErrors.UnsupportedMediaType(type, $"{Json}, {Yaml}");
        return type is Yaml ? YamlText.ToJson(Checked(body)) : Checked(body);
    }

    public static async ValueTask<(PatchKind Kind, ReadOnlyMemory<byte> Body)> ReadPatchAsync(HttpRequest request, CancellationToken cancel)
    {
        var kind = MediaType(request) switch
        {
            "application/merge-patch+json" => PatchKind.Merge,
            "application/json-patch+json" => PatchKind.Json,
            "application/apply-patch+yaml" => PatchKind.Apply,
            var other => throw ApiErrors.UnsupportedMediaType(other, "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"),
        };
        return (kind, await ReadAsync(request, cancel));
    }

    public static string MediaType(HttpRequest request) => request.ContentType is Json ? Json : (request.ContentType ?? "").Split(';')[0].Trim().ToLowerInvariant();

    public static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, CancellationToken cancel) => Checked(await ReadBytesAsync(request, cancel));

    static byte[] Checked(byte[] body) => Utf8.IsValid(body) ? body : throw ApiErrors.BadRequest("the body is not UTF-8 text");

    static async ValueTask<byte[]> ReadBytesAsync(HttpRequest request, CancellationToken cancel)
    {
        if (request.ContentLength > BytesMax) throw ApiErrors.TooLarge(BytesMax);
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(cancel);
            if (read.Buffer.Length > BytesMax)
            {
                request.BodyReader.AdvanceTo(read.Buffer.End); // a read that is left open makes the server fail at draining the rest
                throw ApiErrors.TooLarge(BytesMax);
            }

            if (read.IsCompleted)
            {
                var body = read.Buffer.ToArray();
                request.BodyReader.AdvanceTo(read.Buffer.End);
                return body;
            }

            request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}
