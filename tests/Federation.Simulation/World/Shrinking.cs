namespace Federation.Simulation;

/// <summary>Finds the few happenings of a failing world that it needs to fail.</summary>
static class Shrinking
{
    /// <summary>Drops ever smaller parts of what happens while the world still breaks a guarantee.</summary>
    public static WorldPlan Shrink(WorldPlan failing)
    {
        for (var part = failing.Happenings.Count / 2; part > 0; part /= 2)
        {
            for (var start = 0; start < failing.Happenings.Count;)
            {
                var fewer = failing with { Happenings = [.. failing.Happenings.Take(start), .. failing.Happenings.Skip(start + part)] };
                if (World.Run(fewer).Wrong is null) start += part;
                else failing = fewer;
            }
        }

        return failing;
    }
}
