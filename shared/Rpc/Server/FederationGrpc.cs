using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Federation.Rpc;

/// <summary>The gRPC server, set up the same way wherever it runs.</summary>
public static class FederationGrpc
{
    extension(IServiceCollection services)
    {
        /// <summary>gRPC with our limits, without compression, and without a word of an exception to a caller.</summary>
        public IServiceCollection AddFederationGrpc()
        {
            services.AddGrpc(static options =>
            {
                options.MaxReceiveMessageSize = RpcLimits.MessageBytes;
                options.MaxSendMessageSize = RpcLimits.MessageBytes;
                options.EnableDetailedErrors = false;
                options.ResponseCompressionAlgorithm = null;
                options.Interceptors.Add<ServedCalls>();
                options.Interceptors.Add<CallGuard>();
            });
            services.AddMetrics().AddSingleton<RpcMetrics>().TryAddSingleton(TimeProvider.System);
            services.AddSingleton<ServingStatuses>();
            return services;
        }
    }
}
