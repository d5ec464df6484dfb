using Federation.Benchmarks;

if (args is ["--echo", var port]) return await EchoServer.RunAsync(int.Parse(port, System.Globalization.CultureInfo.InvariantCulture));

var isShort = args.Contains("--short");
var (callers, objects) = (Number("--callers"), Number("--objects"));
var chosen = args.Where((argument, at) => argument is not ("--short" or "--callers" or "--objects") && (at == 0 || args[at - 1] is not ("--callers" or "--objects"))).ToList();
if (chosen.Any(static name => name is not ("allocator" or "path" or "claims" or "fairness" or "objects" or "status" or "--edge-kube" or "--postgres")))
{
    await Console.Error.WriteLineAsync("usage: federation-benchmarks [--short] [--callers N] [--objects N] [allocator] [path] [claims] [fairness] [objects] [status] [--edge-kube] [--postgres]");
    return 2;
}

Report.Machine();
if (chosen is [] || chosen.Contains("allocator")) AllocatorBench.Run(isShort);
if (chosen is [] || chosen.Contains("path")) await ClaimPathBench.RunAsync(isShort);
if (chosen is [] || chosen.Contains("claims")) await ClaimBench.RunAsync(isShort, callers);
if (chosen is [] || chosen.Contains("fairness")) await FairnessBench.RunAsync(isShort);
if (chosen is [] || chosen.Contains("status")) StatusBench.Run(isShort);
if (chosen is [] || chosen.Contains("objects")) await ObjectBench.RunAsync(objects ?? (isShort ? 20_000 : 100_000));
if (chosen.Contains("--postgres")) await ClaimBench.RunOnPostgresAsync(isShort, callers);
if (chosen.Contains("--edge-kube")) await EdgeKubeBench.RunAsync(isShort);
return 0;

int? Number(string option) => args.SkipWhile(argument => argument != option).Skip(1).FirstOrDefault() is { } given && int.TryParse(given, out var number) ? number : null;
