using Akka.Actor;
using Akka.Configuration;
using Akka.Coordination;

namespace Akka.Cluster.Tools;

/// <summary>How actors of singleton and sharding, which do it alike, use a lease: answers come to them as messages.</summary>
internal static class LeaseUse
{
    /// <summary>Reads <c>use-lease</c> and <c>lease-retry-interval</c>; null where no lease is named.</summary>
    public static LeaseUsageSettings? Read(Config config)
    {
        var implementation = config.GetString("use-lease");
        return string.IsNullOrEmpty(implementation)
            ? null
            : new(implementation, config.GetTimeSpan("lease-retry-interval", TimeSpan.FromSeconds(5)));
    }

    /// <summary>Asks for the lease; <see cref="LeaseAnswer"/> comes to <paramref name="owner"/>, and later perhaps <see cref="LeaseIsLost"/>.</summary>
    public static async Task AcquireFor(this Lease lease, IActorRef owner)
    {
        LeaseAnswer answer;
        try
        {
            var acquired = await lease.Acquire(cause => owner.Tell(new LeaseIsLost(cause))).ConfigureAwait(false);
            answer = new(acquired, null);
        }
        catch (Exception cause) // Told to the owner, which asks again.
        {
            answer = new(false, cause);
        }
        owner.Tell(answer, ActorRefs.NoSender);
    }

    /// <summary>Gives the lease back; <see cref="LeaseIsReleased"/> comes to <paramref name="owner"/>, also when that failed: then it runs out by itself.</summary>
    public static async Task ReleaseFor(this Lease lease, IActorRef owner)
    {
        Exception? cause = null;
        try
        {
            await lease.Release().ConfigureAwait(false);
        }
        catch (Exception failed) // Told to the owner.
        {
            cause = failed;
        }
        owner.Tell(new LeaseIsReleased(cause), ActorRefs.NoSender);
    }
}

internal sealed record LeaseAnswer(bool Acquired, Exception? Cause) : INoSerializationVerificationNeeded;

internal sealed record LeaseIsLost(Exception? Cause) : INoSerializationVerificationNeeded;

/// <param name="Cause">Why it could not be given back; null when it was.</param>
internal sealed record LeaseIsReleased(Exception? Cause)
    : INoSerializationVerificationNeeded,
        Event.IDeadLetterSuppression;
