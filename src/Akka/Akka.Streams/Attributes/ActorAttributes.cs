using Akka.Streams.Supervision;

namespace Akka.Streams;

/// <summary>Attributes of graphs that run in actors.</summary>
public static class ActorAttributes
{
    /// <summary>The dispatcher, by its configuration path, of the actors that run the graph's islands.</summary>
    public static Attributes CreateDispatcher(string dispatcherName) => new(new Dispatcher(dispatcherName));

    /// <summary>What supervised stages do when user code throws.</summary>
    public static Attributes CreateSupervisionStrategy(Decider strategy) => new(new SupervisionStrategy(strategy));

    /// <summary>See <see cref="CreateDispatcher"/>.</summary>
    public sealed class Dispatcher(string name) : Attributes.IMandatoryAttribute, IEquatable<Dispatcher>
    {
        public readonly string Name = name;

        public bool Equals(Dispatcher? other) =>
            other is not null && string.Equals(Name, other.Name, StringComparison.Ordinal);

        public override bool Equals(object? obj) => obj is Dispatcher other && Equals(other);

        public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Name);

        public override string ToString() => $"Dispatcher({Name})";
    }

    /// <summary>See <see cref="CreateSupervisionStrategy"/>.</summary>
    public sealed class SupervisionStrategy(Decider decider) : Attributes.IMandatoryAttribute
    {
        public readonly Decider Decider = decider;

        public override string ToString() => "SupervisionStrategy";
    }
}
