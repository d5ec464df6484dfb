using System.Runtime.InteropServices;
using Federation.E2E;

var (options, error) = RunOptions.Read(args);
if (options is null)
{
    await Console.Error.WriteLineAsync(error);
    return 2;
}

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    var results = await new Suite(options, TimeProvider.System, Console.Out).RunAsync(stop.Token);
    return results.Failed == 0 && results.Passed > 0 ? 0 : 1;
}
catch (StartFailure e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 3;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    await Console.Error.WriteLineAsync("stopped");
    return 130;
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
