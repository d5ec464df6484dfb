using System.Diagnostics;

namespace Federation.Telemetry;

/// <summary>
/// Gives every piece of the agent's work a trace id although nobody records it, so that what edge and hub log about one
/// claim can be found by one word. Costs one small object for each.
/// </summary>
public static class TraceIds
{
    public static IDisposable Give()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name is TraceSources.EdgeName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.PropagationData,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
