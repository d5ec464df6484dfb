using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Federation.Resources;
using Federation.Tests.Kubernetes;

namespace Federation.Tests.Conformance;

/// <summary>The same requests to our API server and to a real one with definitions of the same schemas; the answers must agree.</summary>
[Collection(KubeApiserver.Shared)]
public sealed class ConformanceTests(KubeApiserver server)
{
    [KubeFact]
    public async Task Every_verb_and_option_is_answered_as_a_real_server_answers_it()
    {
        using var connection = await server.ConnectAsync("token");
        await DefineAsync(connection.Http, connection.Base);
        await using var bare = await BareServer.StartAsync();
        var (ours, theirs) = (new Answers(), new Answers());

        List<string> differences = [];
        foreach (var exchange in ConformanceTable.All)
        {
            var our = ours.Normalize(exchange, await AskAsync(bare.Http, bare.Http.BaseAddress!, ours.Fill(exchange)));
            var their = theirs.Normalize(exchange, await AskAsync(connection.Http, connection.Base, theirs.Fill(exchange)));
            if (our != their) differences.Add($"{exchange.Title}: {exchange.Method} {exchange.Path}\n    ours   {our}\n    theirs {their}");
        }

        Assert.True(differences.Count == 0, $"{differences.Count} of {ConformanceTable.All.Count} answers differ:\n{string.Join('\n', differences)}");
    }

    /// <summary>Real servers of any age send one only behind a change that happened meanwhile.</summary>
    [KubeFact]
    public async Task A_watch_s_last_bookmark_is_as_a_real_server_s()
    {
        using var connection = await server.ConnectAsync("token");
        await DefineAsync(connection.Http, connection.Base);
        await using var bare = await BareServer.StartAsync();

        Assert.Equal(await BookmarkAsync(connection.Http, connection.Base), await BookmarkAsync(bare.Http, bare.Http.BaseAddress!));
    }

    static async Task<string> BookmarkAsync(HttpClient http, Uri at)
    {
        var path = KindInfo.Of<IPPool>().Path(null);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(at, $"{path}?watch=true&timeoutSeconds=8&allowWatchBookmarks=true"));
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).Within();
        using var body = new StringContent("""{"apiVersion":"ipam.federation.io/v1alpha1","kind":"IPPool","metadata":{"name":"watched"},"spec":{"cidr":"10.9.0.0/16"} }""", Encoding.UTF8, "application/json");
        using var made = await http.PostAsync(new Uri(at, path), body).Within();
        Assert.Equal(201, (int)made.StatusCode);
        var events = (await answer.Content.ReadAsStringAsync().Within()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonNode.Parse(line)!).ToList();
        using var gone = await http.DeleteAsync(new Uri(at, $"{path}/watched")).Within();

        var changed = Assert.Single(events, static happened => happened["object"]!["metadata"]!["name"]?.GetValue<string>() is "watched");
        var bookmark = events[^1]; // before it there may be one that was due by time
        Assert.Equal("BOOKMARK", bookmark["type"]!.GetValue<string>());
        var metadata = bookmark["object"]!["metadata"]!;
        Assert.True(long.Parse(metadata["resourceVersion"]!.GetValue<string>(), CultureInfo.InvariantCulture) >= long.Parse(changed["object"]!["metadata"]!["resourceVersion"]!.GetValue<string>(), CultureInfo.InvariantCulture));
        metadata["resourceVersion"] = "reached";
        return Answers.Sorted(bookmark)!.ToJsonString();
    }

    static async Task<(int Code, string Text, string? Warning)> AskAsync(HttpClient http, Uri at, Exchange exchange)
    {
        using var request = new HttpRequestMessage(new HttpMethod(exchange.Method), new Uri(at, exchange.Path));
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(exchange.Accept));
        if (exchange.Body is { } body)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(exchange.ContentType!);
        }

        using var answer = await http.SendAsync(request).Within();
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync().Within(), answer.Headers.TryGetValues("Warning", out var warnings) ? string.Join(", ", warnings) : null);
    }

    /// <summary>Hands the server our definitions, and waits until it serves them.</summary>
    static async Task DefineAsync(HttpClient http, Uri at)
    {
        foreach (var kind in ResourceDefinitions.Kinds)
        {
            using var content = new StringContent(ResourceDefinitions.Of(kind).ToJsonString(), Encoding.UTF8, "application/json");
            using var made = await http.PostAsync(new Uri(at, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"), content).Within();
            Assert.True((int)made.StatusCode is 201 or 409, await made.Content.ReadAsStringAsync());
        }

        using var limit = new CancellationTokenSource(Limits.Longest, TimeProvider.System);
        foreach (var kind in ResourceDefinitions.Kinds)
        {
            while (true)
            {
                using var answer = await http.GetAsync(new Uri(at, kind.Path(kind.IsNamespaced ? "default" : null)), limit.Token);
                if (answer.IsSuccessStatusCode) break;
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, limit.Token);
            }
        }
    }

    /// <summary>One server's answers with what must differ replaced: identities and versions by whether they are new, moments by a word.</summary>
    sealed class Answers
    {
        readonly Dictionary<string, string> last = new(StringComparer.Ordinal);

        string version = "";

        public Exchange Fill(Exchange exchange) => exchange with { Path = exchange.Path.Replace(Exchange.LastVersion, version, StringComparison.Ordinal) };

        public string Normalize(Exchange exchange, (int Code, string Text, string? Warning) answer)
        {
            if (exchange.Differs.HasFlag(Differs.Code)) return "";
            var text = new StringBuilder().Append(answer.Code).Append(answer.Warning is { } warning ? $" warns {warning}" : "");
            if (exchange.Differs.HasFlag(Differs.Body)) return text.ToString();
            if (answer.Code is 200 && exchange.Path.Contains("watch=true", StringComparison.Ordinal)) return text.Append(' ').Append(Events(exchange, answer.Text)).ToString();
            if (JsonNode.Parse(answer.Text) is not JsonObject json) return $"{text} {answer.Text}";
            if (json["items"] is not null && !exchange.Path.Contains('?', StringComparison.Ordinal)) version = json["metadata"]!["resourceVersion"]!.GetValue<string>();

            Soften(json, exchange, isItem: false);
            foreach (var item in json["items"]?.AsArray() ?? []) Soften(item!.AsObject(), exchange, isItem: true);
            SoftenRows(json, exchange);
            if (exchange.Differs.HasFlag(Differs.Order)) json["items"] = new JsonArray([.. json["items"]!.AsArray().OrderBy(static item => item!["metadata"]!["name"]!.GetValue<string>(), StringComparer.Ordinal).Select(static item => item!.DeepClone())]);
            return text.Append(' ').Append(Sorted(json)!.ToJsonString()).ToString();
        }

        /// <summary>A watch's events, one a line.</summary>
        string Events(Exchange exchange, string text)
        {
            var events = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonNode.Parse(line)!.AsObject()).ToList();
            foreach (var happened in events)
            {
                Soften(happened["object"]!.AsObject(), exchange, isItem: true);
                SoftenRows(happened["object"]!.AsObject(), exchange);
            }

            var lines = events.Select(static happened => Sorted(happened)!.ToJsonString());
            return string.Join('\n', exchange.Differs.HasFlag(Differs.Order) ? lines.Order(StringComparer.Ordinal) : lines);
        }

        /// <summary>A table's rows: their objects, and cells that say how long ago something was.</summary>
        void SoftenRows(JsonObject json, Exchange exchange)
        {
            foreach (var column in json["columnDefinitions"]?.AsArray() ?? [])
            {
                column!.AsObject().Remove("description");
                if (column["type"]!.GetValue<string>() is "date") column["type"] = "string"; // as kinds that are no custom resources have it, and ours
            }

            foreach (var row in json["rows"]?.AsArray() ?? [])
            {
                if (row!["object"] is JsonObject found) Soften(found, exchange, isItem: true);
                var cells = row["cells"]!.AsArray();
                for (var i = 0; i < cells.Count; i++) cells[i] ??= ""; // kubectl prints either as nothing
                if (cells.Count > 0 && cells[^1] is JsonValue age && age.TryGetValue<string>(out var said) && said.EndsWith('s')) cells[^1] = "ago";
            }
        }

        void Soften(JsonObject json, Exchange exchange, bool isItem)
        {
            if (json["kind"]?.GetValue<string>() is "Status") SoftenFailure(json, exchange);
            if (json["metadata"] is not JsonObject metadata) return;
            metadata.Remove("selfLink");
            if (metadata["resourceVersion"] is { } version) metadata["resourceVersion"] = isItem || json["items"] is null ? Since($"version of {metadata["name"]}", version) : "some";
            if (metadata["uid"] is { } uid) metadata["uid"] = Since($"uid of {metadata["name"]}", uid);
            if (metadata["continue"] is { } rest) metadata["continue"] = rest.GetValue<string>().Length > 0 ? "some" : "none";
            else if (json["items"] is not null) metadata["continue"] = "none";
            foreach (var moment in new[] { "creationTimestamp", "deletionTimestamp" }) if (metadata[moment] is not null) metadata[moment] = "then";
            if (exchange.Differs.HasFlag(Differs.Owners)) metadata.Remove("managedFields");
            if (exchange.Differs.HasFlag(Differs.Version)) metadata.Remove("resourceVersion");
            var owners = metadata["managedFields"]?.AsArray() ?? [];
            foreach (var entry in owners) entry!["time"] = "then";
            if (owners.Count > 0) metadata["managedFields"] = new JsonArray([.. owners.OrderBy(static entry => entry!["operation"]!.GetValue<string>() + entry["manager"], StringComparer.Ordinal).Select(static entry => entry!.DeepClone())]);
        }

        static void SoftenFailure(JsonObject json, Exchange exchange)
        {
            json.Remove("message");
            if (json["details"] is not JsonObject details) return;
            foreach (var cause in details["causes"]?.AsArray() ?? []) cause!.AsObject().Remove("message");
            if (exchange.Differs.HasFlag(Differs.Causes)) details.Remove("causes");
            if (exchange.Differs.HasFlag(Differs.Details)) json.Remove("details");
        }

        /// <summary>Whether it is what it was when it was last seen.</summary>
        string Since(string what, JsonNode value)
        {
            var isSame = last.TryGetValue(what, out var before) && before == value.ToJsonString();
            last[what] = value.ToJsonString();
            return isSame ? "as before" : "new";
        }

        public static JsonNode? Sorted(JsonNode? node) => node switch
        {
            JsonObject members => new JsonObject(members.OrderBy(static member => member.Key, StringComparer.Ordinal).Select(static member => KeyValuePair.Create(member.Key, Sorted(member.Value)))),
            JsonArray items => new JsonArray([.. items.Select(Sorted)]),
            _ => node?.DeepClone(),
        };
    }
}
