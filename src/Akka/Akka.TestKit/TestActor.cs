using Akka.Actor;

namespace Akka.TestKit;

/// <summary>What the actor behind a test kit can be told.</summary>
public static class TestActor
{
    /// <summary>Says whether the test should not see a message.</summary>
    public delegate bool Ignore(object message);

    public static AutoPilot NoAutoPilot => TestKit.NoAutoPilot.Instance;

    public static AutoPilot KeepRunning => TestKit.KeepRunning.Instance;

    public static NullMessageEnvelope NullMessage => NullMessageEnvelope.Instance;

    /// <summary>From now on ignore what <paramref name="ignore"/> says; null for nothing.</summary>
    public class SetIgnore(Ignore? ignore) : INoSerializationVerificationNeeded
    {
        public Ignore? Ignore { get; } = ignore;
    }

    /// <summary>Watch <paramref name="actor"/>.</summary>
    public class Watch(IActorRef actor) : INoSerializationVerificationNeeded
    {
        public IActorRef Actor { get; } = actor;
    }

    /// <summary>Watch <paramref name="actor"/> no longer.</summary>
    public class Unwatch(IActorRef actor) : INoSerializationVerificationNeeded
    {
        public IActorRef Actor { get; } = actor;
    }

    /// <summary>Let <paramref name="autoPilot"/> answer from now on.</summary>
    public class SetAutoPilot(AutoPilot autoPilot) : INoSerializationVerificationNeeded
    {
        public AutoPilot AutoPilot { get; } = autoPilot;
    }
}
