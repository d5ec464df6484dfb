using System.Text.Json;
using System.Text.Json.Nodes;
using Federation.Kubernetes;
using Federation.Resources;

namespace Federation.Tests.Kubernetes;

public sealed class RestClientTests : IDisposable
{
    readonly VirtualTime time = new();
    readonly ScriptedServer server = new();
    readonly KubernetesRestClient client;

    public RestClientTests() => client = new(server.Connection, time);

    public void Dispose() => server.Dispose();

    [Fact]
    public async Task An_object_that_is_not_there_is_null()
    {
        var asked = client.GetAsync<IPClaim>("ns", "a", default);
        var request = await server.TakeAsync();
        Assert.Equal("/apis/ipam.federation.io/v1alpha1/namespaces/ns/ipclaims/a", request.Url);

        request.Answer(404, Said.Status(404, "NotFound", """{"name":"a","kind":"ipclaims"}"""));

        Assert.Null(await asked.Within());
    }

    [Fact]
    public async Task A_kind_that_is_not_there_is_a_failure()
    {
        var asked = client.GetAsync<IPClaim>("ns", "a", default);

        (await server.TakeAsync()).Answer(404, Said.Status(404, "NotFound"));

        Assert.True((await Assert.ThrowsAsync<KubernetesApiException>(() => asked.Within())).IsNotFound);
    }

    [Fact]
    public async Task The_404_of_a_proxy_is_a_failure_and_says_nothing_of_the_object()
    {
        var asked = client.GetAsync<IPClaim>("ns", "a", default);

        (await server.TakeAsync()).Answer(404, "<html>not found</html>");

        var failure = await Assert.ThrowsAsync<KubernetesApiException>(() => asked.Within());
        Assert.Equal((404, false), (failure.Code, failure.IsNotFound));
    }

    [Theory]
    [InlineData(409, "Conflict", nameof(KubernetesApiException.IsConflict))]
    [InlineData(409, "AlreadyExists", nameof(KubernetesApiException.IsAlreadyExists))]
    [InlineData(410, "Gone", nameof(KubernetesApiException.IsGone))]
    [InlineData(410, "Expired", nameof(KubernetesApiException.IsGone))]
    [InlineData(422, "Invalid", nameof(KubernetesApiException.IsInvalid))]
    [InlineData(404, "NotFound", nameof(KubernetesApiException.IsNotFound))]
    [InlineData(403, "Forbidden", "")]
    [InlineData(500, "InternalError", "")]
    public async Task A_refusal_is_of_one_sort_by_code_and_reason(int code, string reason, string sort)
    {
        var asked = client.CreateAsync(Claim(), default);

        (await server.TakeAsync()).Answer(code, Said.Status(code, reason));

        var failure = await Assert.ThrowsAsync<KubernetesApiException>(() => asked.Within());
        var sorts = typeof(KubernetesApiException).GetProperties().Where(property => property.Name.StartsWith("Is", StringComparison.Ordinal) && (bool)property.GetValue(failure)!);
        Assert.Equal(sort, string.Join(',', sorts.Select(static property => property.Name)));
    }

    [Fact]
    public async Task The_causes_of_a_refusal_arrive()
    {
        var asked = client.CreateAsync(Claim(), default);

        (await server.TakeAsync()).Answer(422, Said.Status(422, "Invalid", """{"causes":[{"reason":"FieldValueInvalid","message":"m","field":"spec.cidr"}]}"""));

        var failure = await Assert.ThrowsAsync<KubernetesApiException>(() => asked.Within());
        Assert.Equal(new ApiStatusCause("FieldValueInvalid", "m", "spec.cidr"), Assert.Single(failure.Status.Details!.Causes!));
    }

    [Fact]
    public async Task A_busy_server_is_asked_again_when_it_says_but_not_for_ever()
    {
        var asked = client.CreateAsync(Claim(), default);

        foreach (var (said, waited) in ((int, int)[])[(2, 2), (3600, 10), (1, 1)])
        {
            (await server.TakeAsync()).Answer(429, Said.Status(429, "TooManyRequests"), TimeSpan.FromSeconds(said));
            await time.PassAsync(TimeSpan.FromSeconds(waited));
        }

        (await server.TakeAsync()).Answer(429, Said.Status(429, "TooManyRequests", """{"retryAfterSeconds":7}"""));
        var failure = await Assert.ThrowsAsync<KubernetesApiException>(() => asked.Within());
        Assert.Equal((true, TimeSpan.FromSeconds(7)), (failure.IsTooManyRequests, failure.RetryAfter));
    }

    [Fact]
    public async Task A_server_that_does_not_answer_in_time_is_out_of_reach()
    {
        var asked = client.GetAsync<IPClaim>("ns", "a", default);
        await server.TakeAsync();

        time.Advance(TimeSpan.FromSeconds(30));

        Assert.IsType<TimeoutException>((await Assert.ThrowsAsync<HttpRequestException>(() => asked.Within())).InnerException);
    }

    [Fact]
    public async Task Who_cancels_is_told_of_the_cancellation()
    {
        using var cancel = new CancellationTokenSource();
        var asked = client.GetAsync<IPClaim>("ns", "a", cancel.Token);
        await server.TakeAsync();

        cancel.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked.Within());
    }

    [Fact]
    public async Task What_is_created_says_its_kind_and_goes_to_the_default_namespace()
    {
        var asked = client.CreateAsync(Claim() with { Metadata = new() { Name = "a" } }, dryRun: true);

        var request = await server.TakeAsync();
        request.Answer(201, Said.Claim("a", 1));

        Assert.Equal(("POST", "/apis/ipam.federation.io/v1alpha1/namespaces/default/ipclaims?dryRun=All"), (request.Method.Method, request.Url));
        Assert.Contains("\"kind\":\"IPClaim\"", request.Body, StringComparison.Ordinal);
        Assert.Equal("1", (await asked.Within()).Metadata.ResourceVersion);
    }

    [Fact]
    public async Task A_status_is_replaced_under_its_own_path()
    {
        var asked = client.ReplaceStatusAsync(Claim(), default);

        var request = await server.TakeAsync();
        request.Answer(200, Said.Claim("a", 2));

        Assert.Equal(("PUT", "/apis/ipam.federation.io/v1alpha1/namespaces/ns/ipclaims/a/status"), (request.Method.Method, request.Url));
        await asked.Within();
    }

    [Fact]
    public async Task A_merge_patch_keeps_the_nulls_of_json_and_names_the_version()
    {
        var asked = client.MergePatchAsync<IPClaim>("ns", "a", new JsonObject { ["spec"] = new JsonObject { ["cidr"] = null } }, resourceVersion: "5");

        var request = await server.TakeAsync();
        request.Answer(200, Said.Claim("a", 6));

        Assert.Equal("application/merge-patch+json", request.ContentType);
        Assert.Equal("""{"spec":{"cidr":null},"metadata":{"resourceVersion":"5"}}""", request.Body);
        await asked.Within();
    }

    [Fact]
    public async Task A_json_patch_is_a_list_of_operations()
    {
        var asked = client.JsonPatchAsync<IPClaim>("ns", "a",
            [JsonPatchOperation.Test("/metadata/uid", "u"), JsonPatchOperation.Remove($"/metadata/labels/{JsonPatchOperation.Escape("a/b~c")}"), JsonPatchOperation.Add("/spec/x", null)],
            subresource: "status");

        var request = await server.TakeAsync();
        request.Answer(200, Said.Claim("a", 6));

        Assert.Equal("application/json-patch+json", request.ContentType);
        Assert.Equal("""[{"op":"test","path":"/metadata/uid","value":"u"},{"op":"remove","path":"/metadata/labels/a~1b~0c"},{"op":"add","path":"/spec/x","value":null}]""", request.Body);
        await asked.Within();
    }

    [Fact]
    public async Task A_delete_names_its_conditions_and_says_whether_there_was_anything()
    {
        var asked = client.DeleteAsync<IPAllocation>(null, "a", new DeleteOptions { Uid = "u", ResourceVersion = "5", Propagation = DeletePropagation.Foreground, GracePeriodSeconds = 0 });
        var request = await server.TakeAsync();
        request.Answer(200, Said.Status(200, ""));
        Assert.Equal("""{"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":0,"propagationPolicy":"Foreground","preconditions":{"uid":"u","resourceVersion":"5"}}""", request.Body);
        Assert.True(await asked.Within());

        var again = client.DeleteAsync<IPAllocation>(null, "a");
        (await server.TakeAsync()).Answer(404, Said.Status(404, "NotFound", """{"name":"a"}"""));
        Assert.False(await again.Within());
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    public async Task A_name_that_would_make_it_another_path_is_refused(string name)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => client.DeleteAsync<IPClaim>("ns", name));
        await Assert.ThrowsAsync<ArgumentException>(() => client.GetAsync<IPClaim>(name, "a", default));
        Assert.Equal(0, server.Untaken);
    }

    [Fact]
    public async Task Selectors_are_part_of_the_question()
    {
        var asked = client.ListAsync<IPClaim>(new ListOptions { Namespace = "ns", LabelSelector = "a in (b,c)", FieldSelector = "status.phase=Bound" }, default);

        var request = await server.TakeAsync();
        request.Answer(200, """{"metadata":{"resourceVersion":"4"},"items":null}""");

        Assert.Equal("/apis/ipam.federation.io/v1alpha1/namespaces/ns/ipclaims?labelSelector=a%20in%20%28b%2Cc%29&fieldSelector=status.phase%3DBound", request.Url);
        Assert.Empty((await asked.Within()).Items);
    }

    [Fact]
    public async Task An_answer_that_is_no_list_is_said_to_be_none()
    {
        var asked = client.ListAsync<IPClaim>(new ListOptions(), default);

        (await server.TakeAsync()).Answer(200, "{}");

        await Assert.ThrowsAsync<JsonException>(() => asked.Within());
    }

    [Fact]
    public async Task A_watch_tells_all_there_is_to_tell()
    {
        var events = client.WatchAsync<IPClaim>(new WatchOptions { ResourceVersion = "1" }, default).GetAsyncEnumerator();
        var next = events.MoveNextAsync();
        var watch = (await server.TakeAsync()).Stream();

        await watch.SendAsync(Said.Event("ADDED", Said.Claim("a", 2)) + "\n");
        Assert.True(await next.Within());
        Assert.Equal("a", Assert.IsType<WatchEvent<IPClaim>.Added>(events.Current).Resource.Name);

        await watch.SendAsync(Said.Bookmark(9) + "\r");
        Assert.True(await events.MoveNextAsync().Within());
        Assert.Equal(new WatchEvent<IPClaim>.Bookmark("9"), events.Current);

        await watch.SendAsync(Said.Event("ERROR", Said.Status(410, "Expired")));
        Assert.True(await events.MoveNextAsync().Within());
        Assert.Equal(410, Assert.IsType<WatchEvent<IPClaim>.Error>(events.Current).Status.Code);
        Assert.False(await events.MoveNextAsync().Within());
    }

    [Fact]
    public async Task A_watch_whose_last_line_is_cut_off_ends_before_it()
    {
        var events = client.WatchAsync<IPClaim>(new WatchOptions(), default).GetAsyncEnumerator();
        var next = events.MoveNextAsync();
        var request = await server.TakeAsync();

        request.Answer(200, """{"type":"ADDED","object":{"meta""");

        Assert.False(await next.Within());
    }

    [Fact]
    public async Task A_line_longer_than_any_object_is_refused()
    {
        await using var lines = new LineReader(new MemoryStream(new byte[200_000]), lineBytesMax: 100_000);

        await Assert.ThrowsAsync<HttpRequestException>(() => lines.ReadAsync(default).Within());
    }

    [Fact]
    public async Task A_lease_of_a_cluster_has_times_to_the_microsecond()
    {
        var held = new LeaseLock { Metadata = new() { Name = "l" }, Spec = new() { RenewTime = VirtualTime.Start } };
        var asked = client.CreateAsync(held, default);

        var request = await server.TakeAsync();
        request.Answer(201, request.Body);

        Assert.Equal("/apis/coordination.k8s.io/v1/namespaces/default/leases", request.Url);
        Assert.Contains("\"renewTime\":\"2030-01-01T00:00:00.000000Z\"", request.Body, StringComparison.Ordinal);
        Assert.Equal(VirtualTime.Start, (await asked.Within()).Spec.RenewTime);
    }

    static IPClaim Claim() => new() { Metadata = new() { Namespace = "ns", Name = "a" } };
}
