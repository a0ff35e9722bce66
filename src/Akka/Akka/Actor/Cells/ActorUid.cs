using System.Security.Cryptography;

namespace Akka.Actor;

/// <summary>Numbers incarnations: different within a process, and from a random start, so that a restarted process hardly repeats them.</summary>
internal static class ActorUid
{
    private static long _last = RandomNumberGenerator.GetInt32(1, int.MaxValue / 2);

    public static long Next() => Interlocked.Increment(ref _last);
}
