using System.Threading.Channels;
using Federation.Resources;

namespace Federation.Tests.Events;

/// <summary>The recorder: counts what is said again, and keeps its limits.</summary>
public sealed class EventRecorderTests : IEventSink, IDisposable
{
    readonly VirtualTime time = new();
    readonly Channel<IReadOnlyList<EventObject>> written = Channel.CreateUnbounded<IReadOnlyList<EventObject>>();
    readonly CancellationTokenSource stop = new();
    readonly EventRecorder recorder;
    bool takes = true;

    public EventRecorderTests() => recorder = new("tester", "one", this, time);

    public Task<bool> TryWriteAsync(IReadOnlyList<EventObject> events, CancellationToken cancel)
    {
        written.Writer.TryWrite(events);
        return Task.FromResult(takes);
    }

    public void Dispose()
    {
        stop.Cancel();
        stop.Dispose();
    }

    [Fact]
    public async Task What_is_said_again_is_counted_on_the_event_there_is()
    {
        _ = recorder.RunAsync(stop.Token);
        recorder.Record(Claim("a"), EventType.Normal, "Bound", "it is bound");
        var first = Assert.Single(await WrittenAsync());

        await time.PassAsync(TimeSpan.FromSeconds(10));
        recorder.Record(Claim("a"), EventType.Normal, "Bound", "it is bound");
        await WrittenAsync();
        await time.PassAsync(TimeSpan.FromSeconds(10));
        recorder.Record(Claim("a"), EventType.Normal, "Bound", "it is bound");
        var again = Assert.Single(await WrittenAsync());

        Assert.Equal((1, "a", "apps", "IPClaim", "uid-a"), (first.Count, first.InvolvedObject!.Name, first.InvolvedObject.Namespace, first.InvolvedObject.Kind, first.InvolvedObject.Uid));
        Assert.Equal((3, first.Name), (again.Count, again.Name));
        Assert.Equal(TimeSpan.FromSeconds(20), again.LastTimestamp - again.FirstTimestamp);
    }

    [Fact]
    public async Task One_object_gets_so_many_and_then_one_in_five_minutes()
    {
        for (var i = 0; i < EventRecorder.BurstPerObject + 10; i++) recorder.Record(Claim("noisy"), EventType.Warning, "Failed", $"for the {i}. time");
        recorder.Record(Claim("quiet"), EventType.Normal, "Bound", "it is bound");
        Assert.Equal(10, recorder.Dropped);

        time.Advance(TimeSpan.FromMinutes(5));
        recorder.Record(Claim("noisy"), EventType.Warning, "Failed", "once more");
        recorder.Record(Claim("noisy"), EventType.Warning, "Failed", "and again");
        Assert.Equal(11, recorder.Dropped);

        _ = recorder.RunAsync(stop.Token);
        var all = new List<EventObject>(await WrittenAsync());
        while (all.Count < EventRecorder.BurstPerObject + 2)
        {
            await time.PassAsync(EventRecorder.Beat);
            all.AddRange(await WrittenAsync());
        }

        Assert.Equal(EventRecorder.BurstPerObject + 2, all.Count);
        Assert.Equal(all.Count, all.Select(static one => one.Name).Distinct().Count());
    }

    [Fact]
    public async Task What_nobody_takes_is_dropped_and_counted()
    {
        for (var i = 0; i < EventRecorder.PendingMax + 5; i++) recorder.Record(Claim($"c-{i}"), EventType.Normal, "Bound", "it is bound");
        Assert.Equal(5, recorder.Dropped);

        takes = false;
        _ = recorder.RunAsync(stop.Token);
        var lost = (await WrittenAsync()).Count;
        await time.UntilArmedAsync(TimeSpan.FromSeconds(1)).Within();

        Assert.Equal(5 + lost, recorder.Dropped);
    }

    async Task<IReadOnlyList<EventObject>> WrittenAsync() => await written.Reader.ReadAsync().Within();

    static IPClaim Claim(string name) => new() { Metadata = new() { Name = name, Namespace = "apps", Uid = $"uid-{name}" } };
}
