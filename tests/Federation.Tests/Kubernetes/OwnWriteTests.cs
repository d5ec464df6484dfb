namespace Federation.Tests.Kubernetes;

public sealed class OwnWriteTests : InformerTest
{
    [Fact]
    public async Task A_write_of_our_own_is_there_at_once_and_told_once()
    {
        var watch = await SyncedAsync(Said.List(7, Said.Claim("a", 5)));

        informer.Observe(Claim("a", 9));
        Assert.Equal("9", informer.Get("ns", "a")!.Metadata.ResourceVersion);
        await watch.SendAsync(Said.Event("MODIFIED", Said.Claim("a", 8)));
        await watch.SendAsync(Said.Event("MODIFIED", Said.Claim("a", 9)));
        await EndOfAsync(watch, "9");

        Assert.Equal([" > a5", "a5 > a9"], told);
    }

    [Fact]
    public async Task A_late_answer_to_a_write_does_not_bring_back_what_is_gone()
    {
        var watch = await SyncedAsync(Said.List(7, Said.Claim("a", 5)));
        await watch.SendAsync(Said.Event("DELETED", Said.Claim("a", 9)));
        await EndOfAsync(watch, "9");

        informer.Observe(Claim("a", 8));

        Assert.Empty(informer.Items);
    }

    [Fact]
    public async Task What_was_written_after_the_list_was_made_survives_the_list()
    {
        var watch = await SyncedAsync(Said.List(7));
        informer.Observe(Claim("a", 30));

        await watch.SendAsync(Said.Event("ERROR", Said.Status(410, "Expired")));
        await time.PassAsync(TimeSpan.FromMilliseconds(50));
        (await server.TakeAsync()).Answer(200, Said.List(20));
        await server.TakeAsync();

        Assert.NotNull(informer.Get("ns", "a"));
    }

    [Fact]
    public async Task After_a_restore_of_the_server_its_list_is_the_truth_however_low_its_versions()
    {
        var watch = await SyncedAsync(Said.List(70, Said.Claim("a", 50), Said.Claim("b", 60)));

        await watch.SendAsync(Said.Event("ERROR", Said.Status(410, "Expired")));
        await time.PassAsync(TimeSpan.FromMilliseconds(50));
        (await server.TakeAsync()).Answer(200, Said.List(20, Said.Claim("a", 10)));
        await server.TakeAsync();

        Assert.Equal("10", Assert.Single(informer.Items).Metadata.ResourceVersion);
    }

    [Fact]
    public async Task A_deletion_of_our_own_is_told_at_once_and_not_undone_by_older_news()
    {
        var watch = await SyncedAsync(Said.List(7, Said.Claim("a", 5)));

        informer.Forget(informer.Get("ns", "a")!);
        await watch.SendAsync(Said.Event("MODIFIED", Said.Claim("a", 8)));
        await watch.SendAsync(Said.Event("DELETED", Said.Claim("a", 9)));
        await watch.SendAsync(Said.Event("ADDED", Said.Claim("a", 10, uid: "other")));
        await EndOfAsync(watch, "10");

        Assert.Equal([" > a5", "a5 > ", " > a10"], told);
    }

    [Fact]
    public async Task An_object_that_finalizers_keep_comes_back()
    {
        var watch = await SyncedAsync(Said.List(7, Said.Claim("a", 5)));

        informer.Forget(informer.Get("ns", "a")!);
        await watch.SendAsync(Said.Event("MODIFIED", Said.Claim("a", 8, deleting: true)));
        await EndOfAsync(watch, "8");

        Assert.True(informer.Get("ns", "a")!.Metadata.IsDeleting());
    }
}
