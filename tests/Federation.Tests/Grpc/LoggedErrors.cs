using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Federation.Tests.Grpc;

/// <summary>Keeps what a server logged as an error.</summary>
sealed class LoggedErrors : ILoggerProvider, ILogger
{
    readonly ConcurrentQueue<string> errors = new();

    public IReadOnlyList<string> TakeAll()
    {
        List<string> taken = [];
        while (errors.TryDequeue(out var error)) taken.Add(error);
        return taken;
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel) && !IsHangUp(eventId, exception)) errors.Enqueue($"{formatter(state, exception)} {exception}");
    }

    /// <summary>A caller that ended in the midst of a call; the gRPC server says so as an error.</summary>
    static bool IsHangUp(EventId id, Exception? exception) => id.Name is "ErrorReadingMessage" or "ErrorExecutingServiceMethod" && exception is IOException;

    public void Dispose()
    {
    }
}
