namespace Akka.Streams;

public sealed partial class Attributes
{
    /// <summary>What a stage does by default when one of its outlets is cancelled.</summary>
    public sealed class CancellationStrategy(CancellationStrategy.IStrategy strategy) : IMandatoryAttribute
    {
        internal static readonly CancellationStrategy Default = new(new PropagateFailure());

        public IStrategy Strategy { get; } = strategy;

        /// <summary>One way to react.</summary>
        public interface IStrategy;

        /// <summary>Complete the stage, whatever the cause.</summary>
        public sealed class CompleteStage : IStrategy;

        /// <summary>Fail the stage with the cause.</summary>
        public sealed class FailStage : IStrategy;

        /// <summary>Fail the stage when the cause is a failure, complete it otherwise.</summary>
        public sealed class PropagateFailure : IStrategy;
    }
}
