namespace Grpc.Core;

/// <summary>The methods of a service with their handlers, to be bound to any server.</summary>
public class ServerServiceDefinition
{
    readonly IReadOnlyList<Action<ServiceBinderBase>> additions;

    ServerServiceDefinition(IReadOnlyList<Action<ServiceBinderBase>> additions) => this.additions = additions;

    public static Builder CreateBuilder() => new();

    public void BindService(ServiceBinderBase serviceBinder)
    {
        foreach (var add in additions) add(serviceBinder);
    }

    public class Builder
    {
        readonly Dictionary<string, Action<ServiceBinderBase>> additions = new(StringComparer.Ordinal);
        readonly List<string> order = [];

        public Builder AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse> handler)
            where TRequest : class
            where TResponse : class => Add(method, binder => binder.AddMethod(method, handler));

        public Builder AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse> handler)
            where TRequest : class
            where TResponse : class => Add(method, binder => binder.AddMethod(method, handler));

        public Builder AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse> handler)
            where TRequest : class
            where TResponse : class => Add(method, binder => binder.AddMethod(method, handler));

        public Builder AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse> handler)
            where TRequest : class
            where TResponse : class => Add(method, binder => binder.AddMethod(method, handler));

        public ServerServiceDefinition Build() => new([.. order.Select(name => additions[name])]);

        Builder Add(IMethod method, Action<ServiceBinderBase> addition)
        {
            additions.Add(method.FullName, addition);
            order.Add(method.FullName);
            return this;
        }
    }
}
