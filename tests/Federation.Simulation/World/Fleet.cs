using Federation.Edge;

namespace Federation.Simulation;

/// <summary>A hub and its edges, built from a plan; the machines that run, and who watches them.</summary>
sealed class Fleet
{
    /// <summary>What reads the truth and no clock.</summary>
    readonly MachineClock trueClock;

    public Fleet(WorldPlan plan, (string Text, Action<string> Tell)? about = null)
    {
        Scheduler = new Scheduler(new Random(plan.Seed ^ 0x5EED));
        Plan = plan;
        Safety = new Safety(this) { About = about };
        Hub = new SimulatedHub(Scheduler, new MachineClock(Scheduler, "hub", plan.HubRate), new SimulatedDisk(Scheduler, "hub", Safety.Committed), plan.Terms, plan.IsRestored, Safety.Report);
        for (var number = 0; number < plan.Sites; number++) Sites.Add(Found($"edge-{number}", $"edge-{number}", plan.EdgeRates[number]));
        if (plan.HasTwin) Sites.Add(Found("twin", "edge-0", plan.EdgeRates[^1]));
        People = new SimulatedProcess(Scheduler, "people", anyOrder: true);
        trueClock = new MachineClock(Scheduler, "people", rate: 1);
    }

    public WorldPlan Plan { get; }

    public Scheduler Scheduler { get; }

    public Safety Safety { get; }

    public SimulatedHub Hub { get; }

    public List<Site> Sites { get; } = [];

    /// <summary>Where users and admins sit.</summary>
    public SimulatedProcess People { get; }

    /// <summary>Between people and whatever they talk to: good, so that what they were told is known.</summary>
    public Wire PeoplesWire => field ??= new Wire(Scheduler);

    public TimeProvider PeoplesTime => trueClock.For(People);

    /// <summary>Starts whatever is not running.</summary>
    public void StartAll()
    {
        Hub.Start();
        foreach (var site in Sites)
        {
            site.Cluster.Start();
            foreach (var agent in site.Agents) agent.Start();
        }
    }

    /// <summary>The end of the world.</summary>
    public void KillAll()
    {
        Hub.Kill();
        foreach (var site in Sites)
        {
            site.Cluster.Kill();
            foreach (var agent in site.Agents) agent.Kill();
        }
    }

    /// <summary>The edge a disk belongs to.</summary>
    public string EdgeOf(string disk) => Sites.Find(site => site.Name == disk)?.Edge ?? disk;

    /// <summary>Whether two sites call themselves by this one's name: only one of them is served.</summary>
    public bool IsContested(Site site) => Sites.Exists(other => other != site && other.Edge == site.Edge);

    Site Found(string name, string edge, double rate)
    {
        var clock = new MachineClock(Scheduler, name, rate);
        var site = new Site
        {
            Name = name,
            Edge = edge,
            Clock = clock,
            Cluster = new SimulatedCluster(Scheduler, clock, new SimulatedDisk(Scheduler, name, Safety.Committed), Safety.Report),
            HubWire = new Wire(Scheduler),
            ApiWire = new Wire(Scheduler) { DelayMax = TimeSpan.FromMilliseconds(5) },
        };
        var options = new EdgeOptions { Name = edge, Hub = new("http://hub"), ReleaseGrace = TimeSpan.FromMinutes(1) };
        for (var leader = 0; leader < Plan.Leaders; leader++) site.Agents.Add(new SimulatedAgent(Scheduler, site, Hub, options, Plan.WatchesTooOld, Safety.Report));
        return site;
    }
}
