using Akka.Actor;
using Akka.Configuration;
using Akka.Pattern;

namespace Akka.Persistence.Journal;

internal static class PluginBreaker
{
    /// <summary>Reads <c>circuit-breaker</c> of a plugin's section.</summary>
    public static CircuitBreaker Create(IScheduler scheduler, Config config) =>
        CircuitBreaker.Create(
            scheduler,
            config.GetInt("circuit-breaker.max-failures"),
            config.GetTimeSpan("circuit-breaker.call-timeout", null, allowInfinite: false),
            config.GetTimeSpan("circuit-breaker.reset-timeout", null, allowInfinite: false)
        );

    /// <summary>What an exception of several layers is about.</summary>
    public static Exception Unwrap(Exception e) =>
        e is AggregateException aggregate && aggregate.Flatten().InnerExceptions is [var single] ? single : e;
}
