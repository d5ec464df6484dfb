namespace Federation.Simulation;

/// <summary>Does to the machines and the lines between them what the plan says, and mends it after its time.</summary>
sealed class Troubles(Fleet fleet, People people)
{
    public void Do(Happening happening)
    {
        var (site, draw, lasting) = (fleet.Sites[happening.Site], happening.Draw, happening.Lasting);
        switch (happening.Deed)
        {
            case Deed.FileClaim: people.FileClaim(site, draw); break;
            case Deed.WithdrawClaim: people.WithdrawClaim(site, draw); break;
            case Deed.FilePoolClaim: people.FilePoolClaim(site, draw); break;
            case Deed.WithdrawPoolClaim: people.WithdrawPoolClaim(site, draw); break;
            case Deed.HubClaim: people.HubClaim(draw); break;
            case Deed.HubWithdraw: people.HubWithdraw(draw); break;
            case Deed.Reserve: people.Reserve(draw); break;
            case Deed.Unreserve: people.Unreserve(); break;
            case Deed.Cordon: people.Order(site, "cordoned", isOn: true); break;
            case Deed.Uncordon: people.Order(site, "cordoned", isOn: false); break;
            case Deed.Drain: people.Order(site, "draining", isOn: true); break;
            case Deed.Undrain: people.Order(site, "draining", isOn: false); break;
            case Deed.Revoke: people.Revoke(site, draw); break;
            case Deed.DeleteLease: people.DeleteLease(draw); break;
            case Deed.DeleteAllocation: people.DeleteAllocation(draw); break;
            default: Befall(happening.Deed, site, draw, lasting); break;
        }
    }

    void Befall(Deed deed, Site site, double draw, TimeSpan lasting)
    {
        var wire = draw < 0.7 ? site.HubWire : site.ApiWire;
        switch (deed)
        {
            case Deed.KillHub: Fall(fleet.Hub.Kill, fleet.Hub.Start, lasting / 4); break;
            case Deed.KillApi: Fall(site.Cluster.Kill, site.Cluster.Start, lasting / 4); break;
            case Deed.KillAgent: Fall(One(site, draw).Kill, One(site, draw).Start, draw < 0.5 ? TimeSpan.Zero : lasting); break;
            case Deed.PauseHub when fleet.Hub.Process is { } hub: Fall(hub.Pause, hub.Resume, lasting); break;
            case Deed.PauseAgent when One(site, draw).Process is { } agent: Fall(agent.Pause, agent.Resume, lasting); break;
            case Deed.BackUpHub: fleet.Hub.Disk.BackUp(); break;
            case Deed.RestoreHub: Restore(lasting / 4); break;
            case Deed.RebootEdge: Reboot(site, lasting / 4); break;
            case Deed.CutThere: Fall(() => wire.IsCutThere = true, () => wire.IsCutThere = false, lasting); break;
            case Deed.CutBack: Fall(() => wire.IsCutBack = true, () => wire.IsCutBack = false, lasting); break;
            case Deed.CutBoth: Fall(() => wire.IsCutThere = wire.IsCutBack = true, () => wire.IsCutThere = wire.IsCutBack = false, lasting * 2); break;
            case Deed.SlowLine: Fall(() => wire.DelayMax *= 200, () => wire.DelayMax /= 200, lasting); break;
            case Deed.LoseSome: Fall(() => wire.Loss = draw / 3, () => wire.Loss = 0, lasting); break;
            case Deed.DoubleSome: Fall(() => wire.Doubling = draw, () => wire.Doubling = 0, lasting); break;
            case Deed.DiskTrouble: Fall(() => Disk(site, draw).FailureRate = 0.1, () => Disk(site, draw).FailureRate = 0, lasting / 4); break;
            case Deed.JumpHubClock: fleet.Hub.Clock.Jump(Leap(draw)); break;
            case Deed.JumpEdgeClock: site.Clock.Jump(Leap(draw)); break;
            default: break;
        }
    }

    void Fall(Action now, Action later, TimeSpan lasting)
    {
        now();
        fleet.Scheduler.After(lasting, later);
    }

    /// <summary>The hub loses its last hours, and comes back some time later.</summary>
    void Restore(TimeSpan lasting)
    {
        if (!fleet.Hub.TryRestore()) return;
        fleet.Safety.Restored();
        fleet.Scheduler.After(lasting, fleet.Hub.Start);
    }

    /// <summary>The machine goes down with everything on it; its clock starts anew, before anything can be started on it again.</summary>
    void Reboot(Site site, TimeSpan lasting)
    {
        site.Cluster.Kill();
        foreach (var agent in site.Agents) agent.Kill();
        site.Clock.Reboot();
        fleet.Scheduler.After(lasting, () =>
        {
            site.Cluster.Start();
            foreach (var agent in site.Agents) agent.Start();
        });
    }

    SimulatedDisk Disk(Site site, double draw) => draw < 0.5 ? fleet.Hub.Disk : site.Cluster.Disk;

    static SimulatedAgent One(Site site, double draw) => site.Agents[(int)(draw * 10) % site.Agents.Count];

    /// <summary>Seconds, hours or ten years, either way.</summary>
    static TimeSpan Leap(double draw) => TimeSpan.FromSeconds(Math.Pow(10, draw * 17 % 1 * 8.5)) * (draw < 0.5 ? 1 : -1);
}
