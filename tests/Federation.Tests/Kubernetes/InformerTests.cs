namespace Federation.Tests.Kubernetes;

public sealed class InformerTests : InformerTest
{
    [Fact]
    public async Task It_lists_page_by_page_and_watches_from_the_version_of_the_list()
    {
        _ = informer.RunAsync(stop.Token);
        var first = await server.TakeAsync();
        Assert.Equal("/apis/ipam.federation.io/v1alpha1/ipclaims?limit=500", first.Url);
        first.Answer(200, Said.Page(7, "next page", Said.Claim("b", 3)));
        var second = await server.TakeAsync();
        Assert.Equal("/apis/ipam.federation.io/v1alpha1/ipclaims?limit=500&continue=next%20page", second.Url);
        Assert.False(informer.HasSynced.IsCompleted);
        second.Answer(200, Said.List(7, Said.Claim("a", 5)));

        var watch = await server.TakeAsync();

        await informer.HasSynced.Within();
        Assert.Equal("/apis/ipam.federation.io/v1alpha1/ipclaims?watch=true&resourceVersion=7&timeoutSeconds=256&allowWatchBookmarks=true", watch.Url);
        Assert.Equal(["a", "b"], informer.Items.Select(static claim => claim.Name));
        Assert.Equal([" > a5", " > b3"], told);
    }

    [Fact]
    public async Task It_follows_what_the_watch_tells()
    {
        var watch = await SyncedAsync(Said.List(7, Said.Claim("a", 5)));

        await watch.SendAsync(Said.Event("ADDED", Said.Claim("b", 8)));
        await watch.SendAsync(Said.Event("MODIFIED", Said.Claim("a", 9)));
        await watch.SendAsync(Said.Event("DELETED", Said.Claim("b", 10)));
        await EndOfAsync(watch, "10");

        Assert.Equal([" > a5", " > b8", "a5 > a9", "b8 > "], told);
        Assert.Equal("9", Assert.Single(informer.Items).Metadata.ResourceVersion);
        Assert.Null(informer.Get("ns", "b"));
    }

    [Fact]
    public async Task A_bookmark_moves_the_place_to_go_on_from()
    {
        var watch = await SyncedAsync(Said.List(7));

        await watch.SendAsync(Said.Bookmark(90));

        await EndOfAsync(watch, "90");
    }

    [Fact]
    public async Task A_version_too_old_within_the_watch_leads_to_a_list_that_finds_what_vanished()
    {
        var watch = await SyncedAsync(Said.List(7, Said.Claim("a", 5), Said.Claim("b", 6)));

        await watch.SendAsync(Said.Event("ERROR", Said.Status(410, "Expired")));
        await time.PassAsync(TimeSpan.FromMilliseconds(50));
        (await server.TakeAsync()).Answer(200, Said.List(20, Said.Claim("b", 6), Said.Claim("c", 15)));
        var again = await server.TakeAsync();

        Assert.Contains("resourceVersion=20", again.Url, StringComparison.Ordinal);
        Assert.Equal([" > a5", " > b6", "a5 > ", " > c15"], told);
    }

    [Fact]
    public async Task A_version_too_old_at_the_start_of_a_watch_leads_to_a_list()
    {
        (await ListedAsync(Said.List(7))).Answer(410, Said.Status(410, "Gone"));

        await time.PassAsync(TimeSpan.FromMilliseconds(50));

        Assert.Contains("limit=500", (await server.TakeAsync()).Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_too_old_between_pages_leads_to_a_list_in_one_piece()
    {
        _ = informer.RunAsync(stop.Token);
        (await server.TakeAsync()).Answer(200, Said.Page(7, "t", Said.Claim("a", 5), Said.Claim("gone", 6)));
        (await server.TakeAsync()).Answer(410, Said.Status(410, "Expired"));

        var all = await server.TakeAsync();
        Assert.EndsWith("/ipclaims", all.Url, StringComparison.Ordinal);
        all.Answer(200, Said.List(9, Said.Claim("a", 5)));

        await server.TakeAsync();
        Assert.Equal([" > a5"], told);
    }

    [Fact]
    public async Task An_object_made_anew_under_an_old_name_is_told_as_gone_and_come()
    {
        var watch = await SyncedAsync(Said.List(7, Said.Claim("a", 5, uid: "old")));

        await watch.SendAsync(Said.Event("ERROR", Said.Status(410, "Expired")));
        await time.PassAsync(TimeSpan.FromMilliseconds(50));
        (await server.TakeAsync()).Answer(200, Said.List(20, Said.Claim("a", 15, uid: "new")));
        await server.TakeAsync();

        Assert.Equal([" > a5", "a5 > ", " > a15"], told);
    }

    [Fact]
    public async Task A_line_that_is_no_event_leads_to_a_list_and_harms_nothing()
    {
        var watch = await SyncedAsync(Said.List(7, Said.Claim("a", 5)));

        await watch.SendAsync("""{"type":"ADDED","obj""");
        await time.PassAsync(TimeSpan.FromMilliseconds(50));

        Assert.Contains("limit=500", (await server.TakeAsync()).Url, StringComparison.Ordinal);
        Assert.NotNull(informer.Get("ns", "a"));
    }

    [Fact]
    public async Task A_watch_that_breaks_off_goes_on_from_where_it_was()
    {
        var watch = await SyncedAsync(Said.List(7));
        await HeardAsync(watch, Said.Event("ADDED", Said.Claim("a", 8)));

        watch.Break();
        await time.PassAsync(TimeSpan.FromMilliseconds(50));

        Assert.Contains("resourceVersion=8&", (await server.TakeAsync()).Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_ends_every_watch_at_once_is_asked_ever_more_slowly()
    {
        (await SyncedAsync(Said.List(7))).End();

        foreach (var milliseconds in (int[])[50, 100, 200, 400])
        {
            await time.PassAsync(TimeSpan.FromMilliseconds(milliseconds));
            (await server.TakeAsync()).Stream().End();
        }

        await time.UntilArmedAsync(TimeSpan.FromMilliseconds(800)).Within();
        Assert.Equal(0, server.Untaken);
    }

    [Fact]
    public async Task A_watch_that_says_nothing_for_too_long_is_given_up()
    {
        await HeardAsync(await SyncedAsync(Said.List(7)), Said.Event("ADDED", Said.Claim("a", 8)));

        time.Advance(TimeSpan.FromSeconds(300));
        await time.PassAsync(TimeSpan.FromMilliseconds(50));

        Assert.Contains("resourceVersion=8&", (await server.TakeAsync()).Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_out_of_reach_is_tried_again_and_again()
    {
        _ = informer.RunAsync(stop.Token);
        (await server.TakeAsync()).Break();
        await time.PassAsync(TimeSpan.FromMilliseconds(50));
        (await server.TakeAsync()).Answer(503, "<html>");
        await time.PassAsync(TimeSpan.FromMilliseconds(100));
        (await server.TakeAsync()).Answer(200, Said.List(7));

        await informer.HasSynced.Within();
    }

    [Fact]
    public async Task An_object_that_cannot_be_read_hides_no_other()
    {
        var bad = Said.Claim("bad", 6, spec: """{"cidr":"10.0.0.1/8"}""");
        var watch = await SyncedAsync(Said.List(7, Said.Claim("a", 5), bad));
        Assert.Equal(["bad"], informer.Unreadable.Select(static item => item.Key.Name));

        await watch.SendAsync(Said.Event("MODIFIED", Said.Claim("a", 8, spec: """{"ipFamily":"IPv9"}""")));
        await watch.SendAsync(Said.Event("DELETED", bad));
        await EndOfAsync(watch, "6");

        Assert.Equal(["ns/a"], informer.Unreadable.Select(static item => item.Key.ToString()));
        Assert.Equal("5", informer.Get("ns", "a")!.Metadata.ResourceVersion);
    }

    [Fact]
    public async Task Indexes_follow_the_objects()
    {
        informer.AddIndex("pool", static claim => claim.Spec.PoolRef is { } pool ? [pool.Name!] : []);
        var watch = await SyncedAsync(Said.List(7, Said.Claim("b", 5), Said.Claim("a", 6)));
        Assert.Equal(["a", "b"], informer.ByIndex("pool", "p").Select(static claim => claim.Name));

        await watch.SendAsync(Said.Event("MODIFIED", Said.Claim("a", 8, spec: """{"poolRef":{"name":"q"}}""")));
        await watch.SendAsync(Said.Event("DELETED", Said.Claim("b", 9)));
        await EndOfAsync(watch, "9");

        Assert.Empty(informer.ByIndex("pool", "p"));
        Assert.Equal(["a"], informer.ByIndex("pool", "q").Select(static claim => claim.Name));
    }

    [Fact]
    public async Task Its_end_ends_whoever_waits_for_the_first_list()
    {
        var running = informer.RunAsync(stop.Token);
        await server.TakeAsync();

        stop.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.Within());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => informer.HasSynced.Within());
    }
}
