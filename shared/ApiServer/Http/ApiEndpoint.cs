using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Federation.Resources;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Federation.ApiServer;

/// <summary>The API over HTTP: one handler for every path below <c>/api</c> and <c>/apis</c>. Every failure leaves as a <c>Status</c>.</summary>
public sealed class ApiEndpoint(ObjectStore store, ResourceApi api, ApiMetrics metrics, TimeProvider time, ILogger<ApiEndpoint> log)
{
    const int LimitMax = 10_000;

    /// <summary>In metrics, for a client that did not wait for its answer.</summary>
    const int ClientLeft = 499;

    readonly ObjectLists lists = new(store);

    public async Task ServeAsync(HttpContext context)
    {
        var began = time.GetTimestamp();
        var target = ResourcePath.Read(context.Request.Path.Value ?? "/");
        var (verb, resource) = RequestNames.Of(context.Request, target);
        using var span = RequestTraces.Begin(context.Request, verb, resource);
        await GuardAsync(context, target);
        RequestTraces.End(span, context.Response.StatusCode);
        if (verb is not RequestNames.Watch) metrics.Answered(verb, resource, context.RequestAborted.IsCancellationRequested ? ClientLeft : context.Response.StatusCode, time.GetElapsedTime(began));
    }

    async Task GuardAsync(HttpContext context, ResourcePath? target)
    {
        try
        {
            await RouteAsync(context, target);
        }
        catch (ApiException e)
        {
            await AnswerFailureAsync(context, e.Status);
        }
        catch (Exception e) when (e is OperationCanceledException && (context.RequestAborted.IsCancellationRequested || e.InnerException is ConnectionAbortedException))
        {
            // The client left.
        }
        catch (BadHttpRequestException e)
        {
            await AnswerFailureAsync(context, (e.StatusCode == 413 ? ApiErrors.TooLarge(RequestBody.BytesMax) : ApiErrors.BadRequest("the request is malformed")).Status);
        }
        catch (Exception e)
        {
            log.RequestFailed(context.Request.Method, context.Request.Path, e);
            await AnswerFailureAsync(context, ApiErrors.Internal().Status);
        }
    }

    async Task RouteAsync(HttpContext context, ResourcePath? found)
    {
        var path = context.Request.Path.Value ?? "/";
        var isRead = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        if (isRead && AsksForAll(context.Request) && Discovery.Aggregated.Find(path) is { } all)
        {
            await AnswerAsync(context, 200, all, Discovery.Aggregated.MediaType);
            return;
        }

        if ((Discovery.Find(path) ?? OpenApiDocuments.Find(path)) is { } document)
        {
            if (!isRead) throw ApiErrors.MethodNotAllowed(context.Request.Method);
            await AnswerAsync(context, 200, document);
            return;
        }

        await store.ReadyAsync(context.RequestAborted);
        var target = found ?? throw ApiErrors.NoSuchPath();
        CheckAccept(context.Request);
        var answer = (context.Request.Method, target) switch
        {
            ("GET", { Name: null }) when context.Request.Query["watch"].ToString() is "true" or "1" =>
                new WatchStream(store, lists, time, metrics).ServeAsync(context, target.Kind, ReadSelection(context.Request, target), WatchRequest.Read(context.Request.Query, RandomNumberGenerator.GetInt32)),
            ("GET", { Name: null }) => ListAsync(context, target),
            ("GET", { Name: { } name }) => GetAsync(context, target, name),
            ("POST", { Name: null }) when !target.Kind.IsNamespaced || target.Namespace is not null => CreateAsync(context, target),
            ("PUT", { Name: { } name }) => ReplaceAsync(context, target, name),
            ("PATCH", { Name: { } name }) => PatchAsync(context, target, name),
            ("DELETE", { Name: { } name, IsStatus: false }) => DeleteAsync(context, target, name),
            ("DELETE", { Name: null }) when !target.Kind.IsNamespaced || target.Namespace is not null => DeleteCollectionAsync(context, target),
            var (method, _) => throw ApiErrors.MethodNotAllowed(method),
        };
        await answer;
    }

    Task GetAsync(HttpContext context, ResourcePath target, string name)
    {
        var stored = api.Get(target.Kind, target.Namespace, name);
        return ObjectForms.Of(context.Request) switch
        {
            ObjectForm.Table => TableAsync(context, target.Kind, new ListPage(stored.Revision, [stored], null, null)),
            ObjectForm.Metadata => AnswerAsync(context, 200, writer => ListWriter.WriteMetadata(writer, stored)),
            _ => AnswerAsync(context, 200, stored.Json),
        };
    }

    Task TableAsync(HttpContext context, KindInfo kind, ListPage page)
    {
        var rows = TableRowsQuery.Of(context.Request);
        return SendAsync(context, page, TableWriter.Of(kind, page, rows, withColumns: true, time.GetUtcNow()));
    }

    Task ListAsync(HttpContext context, ResourcePath target)
    {
        var query = context.Request.Query;
        if (query["sendInitialEvents"].ToString() is { Length: > 0 }) throw ApiErrors.InvalidOptions(FieldError.Forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
        var page = lists.List(target.Kind, ReadListOptions(context.Request, target));
        return ObjectForms.Of(context.Request) switch
        {
            ObjectForm.Table => TableAsync(context, target.Kind, page),
            ObjectForm.Metadata => SendAsync(context, page, ListWriter.Metadata(page)),
            _ => SendAsync(context, page, ListWriter.Whole(target.Kind, page)),
        };
    }

    async Task CreateAsync(HttpContext context, ResourcePath target)
    {
        var body = await RequestBody.ReadObjectAsync(context.Request, context.RequestAborted);
        await AnswerAsync(context, 201, await api.CreateAsync(target.Kind, target.Namespace, body, WriteQuery.Read(context), context.RequestAborted));
    }

    async Task ReplaceAsync(HttpContext context, ResourcePath target, string name)
    {
        var body = await RequestBody.ReadObjectAsync(context.Request, context.RequestAborted);
        await AnswerAsync(context, 200, await api.ReplaceAsync(target.Kind, target.Namespace, name, target.IsStatus, body, WriteQuery.Read(context), context.RequestAborted));
    }

    async Task PatchAsync(HttpContext context, ResourcePath target, string name)
    {
        var (kind, body) = await RequestBody.ReadPatchAsync(context.Request, context.RequestAborted);
        if (kind is PatchKind.Apply)
        {
            var (applied, isNew) = await api.ApplyAsync(target.Kind, target.Namespace, name, target.IsStatus, body, WriteQuery.Read(context, PatchKind.Apply), context.RequestAborted);
            await AnswerAsync(context, isNew ? 201 : 200, applied);
            return;
        }

        await AnswerAsync(context, 200, await api.PatchAsync(target.Kind, target.Namespace, name, target.IsStatus, kind, body, WriteQuery.Read(context, kind), context.RequestAborted));
    }

    async Task DeleteAsync(HttpContext context, ResourcePath target, string name)
    {
        var options = await WriteQuery.ReadDeletionAsync(context);
        if (await api.DeleteAsync(target.Kind, target.Namespace, name, options, context.RequestAborted) is { } waiting) await AnswerAsync(context, 200, waiting);
        else await AnswerAsync(context, 200, Json(new ApiStatus { Status = "Success", Details = new() { Name = name, Group = target.Kind.Group, Kind = target.Kind.Plural } }));
    }

    async Task DeleteCollectionAsync(HttpContext context, ResourcePath target)
    {
        var options = await WriteQuery.ReadDeletionAsync(context);
        var doomed = lists.List(target.Kind, ReadListOptions(context.Request, target));
        await api.DeleteAllAsync(target.Kind, doomed, options, context.RequestAborted);
        await SendAsync(context, doomed, ListWriter.Whole(target.Kind, doomed with { Revision = store.Current.Revision }));
    }

    static Selection ReadSelection(HttpRequest request, ResourcePath target) => new(
        target.Namespace,
        SelectorText.Labels(request.Query["labelSelector"]),
        SelectorText.Fields(request.Query["fieldSelector"], target.Kind));

    static ListOptions ReadListOptions(HttpRequest request, ResourcePath target) =>
        new(ReadSelection(request, target), ReadLimit(request.Query["limit"]), request.Query["continue"], request.Query["resourceVersion"], request.Query["resourceVersionMatch"]);

    static int ReadLimit(string? text) => text is null or "" ? 0
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? Math.Min(limit, LimitMax)
        : throw ApiErrors.BadRequest("limit: must be a whole number", [FieldError.Invalid("limit", text, "must be a whole number")]);

    static void CheckAccept(HttpRequest request)
    {
        var accept = request.Headers.Accept.ToString();
        if (accept.Length == 0 || accept.Contains("application/json", StringComparison.OrdinalIgnoreCase) || accept.Contains("*/*", StringComparison.Ordinal) || accept.Contains("application/*", StringComparison.Ordinal)) return;
        throw ApiErrors.NotAcceptable("application/json");
    }

    /// <summary>What is stored is not written out once more: the bytes are there.</summary>
    Task AnswerAsync(HttpContext context, int code, Resource resource) => AnswerAsync(context, code,
        store.Current.Find(KindInfo.Of(resource.GetType()), resource.Namespace, resource.Name) is { } stored && stored.Holds(resource) ? stored.Json : ResourceJson.Write(resource));

    static Task AnswerAsync(HttpContext context, int code, Action<Utf8JsonWriter> write)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer)) write(writer);
        return AnswerAsync(context, code, buffer.WrittenMemory);
    }

    /// <summary>A list is sent as it is written: it may be of a million objects, and is never held whole.</summary>
    static async Task SendAsync(HttpContext context, ListPage page, ListForm form)
    {
        context.Response.ContentType = "application/json";
        if (HttpMethods.IsHead(context.Request.Method)) return;
        var output = context.Response.BodyWriter;
        await using var writer = new Utf8JsonWriter(output);
        form.Begin(writer);
        foreach (var stored in page.Items)
        {
            form.Object(writer, stored);
            if (output.UnflushedBytes + writer.BytesPending < ListWriter.FlushAt) continue;
            writer.Flush();
            await output.FlushAsync(context.RequestAborted);
        }

        ListForm.End(writer);
    }

    /// <summary>Whether a client of discovery prefers all groups in one document.</summary>
    static bool AsksForAll(HttpRequest request) => request.Headers.Accept.ToString().Split(',')[0].Split(';', StringSplitOptions.TrimEntries) is ["application/json", .. var wish]
        && wish.Contains("g=apidiscovery.k8s.io") && wish.Contains("v=v2") && wish.Contains("as=APIGroupDiscoveryList");

    static async Task AnswerAsync(HttpContext context, int code, ReadOnlyMemory<byte> json, string contentType = "application/json")
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = json.Length;
        if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.Body.WriteAsync(json, context.RequestAborted);
    }

    /// <summary>Says what went wrong, in place of whatever was to be said.</summary>
    public static async Task AnswerFailureAsync(HttpContext context, ApiStatus status)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        context.Response.Clear();
        if (status.Details?.RetryAfterSeconds is { } seconds) context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        await AnswerAsync(context, status.Code ?? 500, Json(status));
    }

    static byte[] Json(ApiStatus status) => JsonSerializer.SerializeToUtf8Bytes(status, ResourceJson.Lenient);
}
