using Federation.Benchmarks;

if (args is ["--echo", var port]) return await EchoServer.RunAsync(int.Parse(port, System.Globalization.CultureInfo.InvariantCulture));

var isShort = args.Contains("--short");
var chosen = args.Where(static argument => argument is not "--short").ToList();
if (chosen.Any(static name => name is not ("allocator" or "path" or "claims" or "objects")))
{
    await Console.Error.WriteLineAsync("usage: federation-benchmarks [--short] [allocator] [path] [claims] [objects]");
    return 2;
}

Report.Machine();
if (chosen is [] || chosen.Contains("allocator")) AllocatorBench.Run(isShort);
if (chosen is [] || chosen.Contains("path")) await ClaimPathBench.RunAsync(isShort);
if (chosen is [] || chosen.Contains("claims")) await ClaimBench.RunAsync(isShort);
if (chosen is [] || chosen.Contains("objects")) await ObjectBench.RunAsync(isShort);
return 0;
