using Akka.Event;

namespace Akka.Streams;

public sealed partial class Attributes
{
    /// <summary>One setting.</summary>
    public interface IAttribute;

    /// <summary>A setting that every materialization has.</summary>
    public interface IMandatoryAttribute : IAttribute;

    /// <summary>The name of a graph or stage.</summary>
    public sealed class Name(string value) : IAttribute, IEquatable<Name>
    {
        public readonly string Value = string.IsNullOrEmpty(value)
            ? throw new ArgumentNullException(nameof(value), "Name attribute cannot be empty")
            : value;

        public bool Equals(Name? other) =>
            other is not null && string.Equals(Value, other.Value, StringComparison.Ordinal);

        public override bool Equals(object? obj) => obj is Name other && Equals(other);

        public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Value);

        public override string ToString() => $"Name({Value})";
    }

    /// <summary>Sizes, in elements, of the input buffer at an asynchronous boundary.</summary>
    public sealed class InputBuffer(int initial, int max) : IMandatoryAttribute, IEquatable<InputBuffer>
    {
        public readonly int Initial = initial;
        public readonly int Max = max;

        public bool Equals(InputBuffer? other) => other is not null && Initial == other.Initial && Max == other.Max;

        public override bool Equals(object? obj) => obj is InputBuffer other && Equals(other);

        public override int GetHashCode() => HashCode.Combine(Initial, Max);

        public override string ToString() => $"InputBuffer(initial={Initial}, max={Max})";
    }

    /// <summary>The levels at which <c>Log</c> reports elements, completion and failure.</summary>
    public sealed class LogLevels(LogLevel onElement, LogLevel onFinish, LogLevel onFailure)
        : IAttribute,
            IEquatable<LogLevels>
    {
        /// <summary>Above every level: nothing is logged.</summary>
        public static readonly LogLevel Off = (LogLevel)int.MaxValue;

        public readonly LogLevel OnElement = onElement;
        public readonly LogLevel OnFinish = onFinish;
        public readonly LogLevel OnFailure = onFailure;

        public bool Equals(LogLevels? other) =>
            other is not null
            && OnElement == other.OnElement
            && OnFinish == other.OnFinish
            && OnFailure == other.OnFailure;

        public override bool Equals(object? obj) => obj is LogLevels other && Equals(other);

        public override int GetHashCode() => HashCode.Combine(OnElement, OnFinish, OnFailure);

        public override string ToString() => $"LogLevel({OnElement}, {OnFinish}, {OnFailure})";
    }

    /// <summary>The graph that carries it runs in an actor of its own.</summary>
    public sealed class AsyncBoundary : IAttribute, IEquatable<AsyncBoundary>
    {
        public static readonly AsyncBoundary Instance = new();

        private AsyncBoundary() { }

        public bool Equals(AsyncBoundary? other) => other is not null;

        public override bool Equals(object? obj) => obj is AsyncBoundary;

        public override int GetHashCode() => typeof(AsyncBoundary).GetHashCode();

        public override string ToString() => "AsyncBoundary";
    }
}
