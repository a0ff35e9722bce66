using Akka.Actor;
using Akka.Event;

namespace Akka.Pattern;

public sealed partial class BackoffSupervisor
{
    /// <summary>Asks for the child; answered by <see cref="CurrentChild"/>.</summary>
    public sealed class GetCurrentChild
    {
        /// <summary>The one value.</summary>
        public static readonly GetCurrentChild Instance = new();

        private GetCurrentChild() { }
    }

    /// <summary>The child; nobody while it is stopped.</summary>
    public sealed class CurrentChild(IActorRef @ref)
    {
        /// <summary>The child.</summary>
        public IActorRef Ref { get; } = @ref;
    }

    /// <summary>Starts the count of restarts anew; only with manual reset.</summary>
    public sealed class Reset
    {
        /// <summary>The one value.</summary>
        public static readonly Reset Instance = new();

        private Reset() { }
    }

    /// <summary>Asks how often the child was restarted; answered by <see cref="RestartCount"/>.</summary>
    public sealed class GetRestartCount
    {
        /// <summary>The one value.</summary>
        public static readonly GetRestartCount Instance = new();

        private GetRestartCount() { }
    }

    /// <summary>How often the child was restarted since the last reset.</summary>
    public sealed class RestartCount(int count)
    {
        /// <summary>How often.</summary>
        public int Count { get; } = count;
    }

    /// <summary>The wait is over.</summary>
    public sealed class StartChild : IDeadLetterSuppression
    {
        /// <summary>The one value.</summary>
        public static readonly StartChild Instance = new();

        private StartChild() { }
    }

    /// <summary>The child has run for the time of the automatic reset.</summary>
    public sealed class ResetRestartCount(int current) : IDeadLetterSuppression
    {
        /// <summary>The count when the child was started.</summary>
        public int Current { get; } = current;
    }
}
