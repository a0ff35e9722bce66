using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Hatchery.Streaming.Transport;
using Hatchery.Wire.Iscsi;

namespace Hatchery.Streaming.Iscsi;

/// <summary>One session of an initiator at a target, in the one portal group (RFC 7143 section 4.4.3).</summary>
internal readonly record struct SessionKey(string InitiatorName, Isid Isid, string TargetName);

/// <summary>Who has which session at this server; thread-safe.</summary>
internal sealed class IscsiSessions
{
    private static readonly ConditionalWeakTable<ISessionGate, IscsiSessions> s_ofGates = [];

    private readonly ConcurrentDictionary<SessionKey, ConnectionEngine> _owners = new();
    private int _lastTsih;

    /// <summary>All listeners of one gate share their sessions, for an initiator may come back by another address.</summary>
    public static IscsiSessions Of(ISessionGate gate) => s_ofGates.GetOrCreateValue(gate);

    /// <summary>A handle for a new session, never zero.</summary>
    public ushort NextTsih() => (ushort)((Interlocked.Increment(ref _lastTsih) & 0x7fff) + 1);

    /// <summary>Makes the engine the session's owner, and gives the one before, which has to be ended first.</summary>
    public ConnectionEngine? Claim(SessionKey key, ConnectionEngine engine)
    {
        while (true)
        {
            if (_owners.TryGetValue(key, out var before))
            {
                if (_owners.TryUpdate(key, engine, before))
                    return before;
            }
            else if (_owners.TryAdd(key, engine))
            {
                return null;
            }
        }
    }

    public void Leave(SessionKey key, ConnectionEngine engine) => _owners.TryRemove(new(key, engine));
}
