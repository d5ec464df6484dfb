using Federation.Resources;

namespace Federation.Simulation;

/// <summary>Reads disks from outside, as nobody in the world can.</summary>
static class Stored
{
    public static IEnumerable<T> All<T>(SimulatedDisk disk) where T : Resource =>
        disk.Rows.Where(static row => row.Kind == KindInfo.Of<T>().ToString()).Select(static row => ResourceJson.Read<T>(row.Json));

    public static T? Find<T>(SimulatedDisk disk, string? ns, string name) where T : Resource =>
        disk.Find(KindInfo.Of<T>().ToString(), ns ?? "", name) is { } row ? ResourceJson.Read<T>(row.Json) : null;
}
