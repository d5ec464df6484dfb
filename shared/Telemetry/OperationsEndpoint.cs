using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Federation.Telemetry;

/// <summary>What whoever runs a process asks it: its metrics and its checks. Read only, and without secrets.</summary>
public sealed class OperationsEndpoint(MetricStore metrics, CheckEndpoint checks)
{
    /// <summary>False when the path is somebody else's.</summary>
    public async Task<bool> TryServeAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "/";
        if (path is "/metrics") await AnswerAsync(context, 200, PrometheusText.ContentType, static store => PrometheusText.Write(store));
        else if (checks.Answer(path, context.Request.Query) is var (code, text)) await AnswerAsync(context, code, "text/plain; charset=utf-8", _ => text);
        else return false;
        return true;
    }

    async Task AnswerAsync(HttpContext context, int code, string type, Func<MetricStore, string> text)
    {
        var isRead = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        context.Response.StatusCode = isRead ? code : StatusCodes.Status405MethodNotAllowed;
        context.Response.ContentType = type;
        context.Response.Headers.CacheControl = "no-cache, no-store";
        await context.Response.WriteAsync(isRead ? text(metrics) : "only GET and HEAD\n", context.RequestAborted);
    }
}

/// <summary>What the operations are made of.</summary>
public static class OperationsSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Metrics from the first measurement on, and the checks that are registered besides.</summary>
        public IServiceCollection AddOperations() => services.AddMetrics().AddSingleton<MetricStore>().AddSingleton<CheckEndpoint>().AddSingleton<OperationsEndpoint>().AddSingleton<IpamMetrics>();

        /// <param name="trouble">What is wrong, or null; safe from any thread.</param>
        public IServiceCollection AddCheck<T>(string name, CheckWeight weight, Func<T, string?> trouble) where T : notnull =>
            services.AddSingleton(provider => new NamedCheck(name, weight, () => trouble(provider.GetRequiredService<T>())));
    }
}

/// <summary>What answers first on every listener that operations share.</summary>
public static class OperationsRouting
{
    extension(IApplicationBuilder app)
    {
        /// <summary>Answers what is asked of operations; all else goes on to <paramref name="others"/>, or is not found on a listener that has nothing else.</summary>
        /// <param name="port">Of the listener that is for operations alone, if there is one.</param>
        public void RunWithOperations(int? port, RequestDelegate others)
        {
            var operations = app.ApplicationServices.GetRequiredService<OperationsEndpoint>();
            app.Run(async context =>
            {
                if (await operations.TryServeAsync(context)) return;
                if (context.Connection.LocalPort != port) await others(context);
                else context.Response.StatusCode = StatusCodes.Status404NotFound;
            });
        }
    }
}
