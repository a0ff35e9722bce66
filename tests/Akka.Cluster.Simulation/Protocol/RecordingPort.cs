using Akka.Actor;
using Akka.Cluster.Protocol;
using Akka.Event;

namespace Akka.Cluster.Simulation.Protocol;

/// <summary>Keeps what a protocol does to the world.</summary>
internal sealed class RecordingPort : IProtocolPort
{
    public List<(Address To, IClusterMessage Message)> Messages { get; } = [];

    public List<string> Lines { get; } = [];

    public bool GaveUp { get; private set; }

    public bool HasStopped { get; private set; }

    public IEnumerable<Address> Sent<T>() => Messages.Where(sent => sent.Message is T).Select(sent => sent.To);

    public void Send(Address to, IClusterMessage message) => Messages.Add((to, message));

    public void Publish(MembershipState state) { }

    public bool IsAvailable(Address node) => true;

    public void Forget(Address node) { }

    public void BeginExiting() { }

    public void JoinUnsuccessful() => GaveUp = true;

    public void Stop() => HasStopped = true;

    public void Log(LogLevel level, string message) => Lines.Add(message);
}
