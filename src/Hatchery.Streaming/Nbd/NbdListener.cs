using System.Net;
using Akka.Streams;
using Hatchery.Streaming.Nbd;
using Hatchery.Streaming.Transport;
using Microsoft.Extensions.Logging;

namespace Hatchery.Streaming;

/// <summary>An NBD server: every export that the gate grants, at one address.</summary>
public sealed class NbdListener : StreamListener
{
    private readonly ISessionGate _gate;
    private readonly TimeProvider _time;
    private readonly ConnectionLimits _limits;

    /// <param name="endPoint">Where to listen; port 0 takes a free one.</param>
    /// <param name="budget">What the connections of all listeners share; null for none.</param>
    /// <param name="materializer">Runs the connections' streams; it has to outlive the listener.</param>
    public NbdListener(
        IPEndPoint endPoint,
        ISessionGate gate,
        IMaterializer materializer,
        StreamingOptions options,
        ILoggerFactory loggers,
        TimeProvider time,
        ByteBudget? budget = null
    )
        : this(endPoint, gate, ConnectionStream.By(materializer), options, loggers, time, budget) { }

    internal NbdListener(
        IPEndPoint endPoint,
        ISessionGate gate,
        ConnectionRunner run,
        StreamingOptions options,
        ILoggerFactory loggers,
        TimeProvider time,
        ByteBudget? budget = null
    )
        : base(StreamProtocol.Nbd, endPoint, options, loggers.CreateLogger<NbdListener>(), time, run) =>
        (_gate, _time, _limits) = (gate, time, options.Limits(budget));

    private protected override ConnectionEngine Serve(IPEndPoint remote, IPEndPoint local) =>
        new NbdConnection(new(_gate, remote, local, Logger, _time, Options.LoginTimeout), _limits);
}
