using System.Diagnostics.Metrics;

namespace Federation.Telemetry;

/// <summary>Makes meters that no store of metrics hears: for parts that run without a process around them.</summary>
public sealed class UnheardMeters : IMeterFactory
{
    public Meter Create(MeterOptions options) => new(options);

    public void Dispose()
    {
    }
}
