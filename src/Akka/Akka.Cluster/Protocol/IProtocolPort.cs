using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster.Protocol;

/// <summary>All that the membership protocol does to the world.</summary>
internal interface IProtocolPort
{
    /// <summary>Sends to the protocol of another node; nothing is promised about its arrival.</summary>
    void Send(Address to, IClusterMessage message);

    /// <summary>The state changed.</summary>
    void Publish(MembershipState state);

    /// <summary>True unless heartbeats of a node that is watched stay away.</summary>
    bool IsAvailable(Address node);

    /// <summary>Forgets the heartbeats of a node: another incarnation comes.</summary>
    void Forget(Address node);

    /// <summary>This node is Exiting: its services are to be stopped, then <see cref="MembershipProtocol.ExitingCompleted"/> to be called.</summary>
    void BeginExiting();

    /// <summary>No seed node took this node in within the time that was set.</summary>
    void JoinUnsuccessful();

    /// <summary>This node is out of the cluster; nothing is to be called any more.</summary>
    void Stop();

    void Log(LogLevel level, string message);
}
