using System.Text.Json;
using Akka.Actor;
using Akka.Persistence.Journal;
using Akka.Serialization;

namespace Akka.Persistence.Tests.Support;

public interface IStored;

/// <summary>An event; what stands before a colon in the item is its tag.</summary>
public sealed record Added(string Item) : IStored;

/// <summary>An event that cannot be serialised.</summary>
public sealed record Poison(string Item) : IStored;

public sealed record Items(string[] All) : IStored;

/// <summary>Writes JSON under short manifests, so that rows can be read in the database.</summary>
public sealed class TestSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    public override int Identifier => 4711;

    public override string Manifest(object o) => o is Added ? "added" : "items";

    public override byte[] ToBinary(object obj) =>
        obj switch
        {
            Added added => JsonSerializer.SerializeToUtf8Bytes(added),
            Items items => JsonSerializer.SerializeToUtf8Bytes(items),
            _ => throw new NotSupportedException($"{obj.GetType().Name} cannot be serialised."),
        };

    public override object FromBinary(byte[] bytes, string manifest) =>
        string.Equals(manifest, "added", StringComparison.Ordinal)
            ? JsonSerializer.Deserialize<Added>(bytes)!
            : JsonSerializer.Deserialize<Items>(bytes)!;
}

public sealed class Tagger : IWriteEventAdapter
{
    public string Manifest(object evt) => string.Empty;

    public object ToJournal(object evt) =>
        evt is Added { Item: var item } && item.IndexOf(':', StringComparison.Ordinal) is var cut and > 0
            ? new Tagged(evt, item[..cut].Split(','))
            : evt;
}
