namespace Akka.Streams.Implementation.Stages;

/// <summary>What becomes of a task that yields null: elements are never null.</summary>
internal static class NullElement
{
    public static ArgumentNullException Exception() => new("element", "Element must not be null, rule 2.13");
}
