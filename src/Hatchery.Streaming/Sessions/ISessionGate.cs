using System.Net;
using Hatchery.Disks;

namespace Hatchery.Streaming;

/// <summary>The one way from a protocol's login to a device's disk. Thread-safe.</summary>
public interface ISessionGate
{
    /// <summary>Decides a login. Never throws for what a peer sent; a server that cannot decide now answers <see cref="LoginRefusal.Unavailable"/>.</summary>
    ValueTask<LoginOutcome> LoginAsync(LoginRequest request, CancellationToken cancellation);

    /// <summary>The targets that a discovery from this address may see, by the names that the protocol has for them.</summary>
    IReadOnlyList<string> Targets(StreamProtocol protocol, IPAddress remote);
}

public enum StreamProtocol
{
    Iscsi,
    Nbd,
}

/// <param name="TargetName">The IQN or export name as the peer sent it.</param>
/// <param name="InitiatorName">The iSCSI initiator's name; null with NBD.</param>
public sealed record LoginRequest(
    StreamProtocol Protocol,
    string TargetName,
    string? InitiatorName,
    IPEndPoint Remote,
    IPEndPoint Local
);

public abstract record LoginOutcome
{
    private LoginOutcome() { }

    public sealed record Granted(ISession Session) : LoginOutcome;

    /// <summary>Another server streams this device.</summary>
    public sealed record Redirected(IPEndPoint Portal) : LoginOutcome;

    /// <param name="Reason">One sentence for the log.</param>
    public sealed record Refused(LoginRefusal Refusal, string Reason) : LoginOutcome;
}

public enum LoginRefusal
{
    /// <summary>No such device, or it has no vDisk.</summary>
    NotFound,

    /// <summary>The name carries a boot nonce older than the device's current one, or one that this farm never issued.</summary>
    NotAuthorized,

    /// <summary>Not now; the peer should try again.</summary>
    Unavailable,
}

/// <summary>A connection's share of a device's session; disposing it gives the share back, and the disk stays with the others.</summary>
public interface ISession : IAsyncDisposable
{
    DeviceId Device { get; }

    Epoch Epoch { get; }

    IDisk Disk { get; }

    /// <summary>The disk is over here and not elsewhere: an error of it is not the device's to hear, and its connection must close instead.</summary>
    bool GoesOnElsewhere { get; }

    /// <summary>Cancelled when the session ends (a newer epoch, a removed device): the connection must close.</summary>
    CancellationToken Ended { get; }
}
