using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;

namespace Akka.Cluster.Tools.Singleton.Serialization;

/// <summary>The messages of the hand-over: their manifest says all.</summary>
public class ClusterSingletonMessageSerializer : SerializerWithStringManifest
{
    public ClusterSingletonMessageSerializer(ExtendedActorSystem system)
        : base(system) { }

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => obj is IClusterSingletonMessage ? [] : throw Unknown(obj);

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest) =>
        manifest switch
        {
            "A" => HandOverToMe.Instance,
            "B" => HandOverInProgress.Instance,
            "C" => HandOverDone.Instance,
            "D" => TakeOverFromMe.Instance,
            _ => throw new SerializationException($"'{manifest}' is no message of a cluster singleton"),
        };

    /// <inheritdoc/>
    public override string Manifest(object o) =>
        o switch
        {
            HandOverToMe => "A",
            HandOverInProgress => "B",
            HandOverDone => "C",
            TakeOverFromMe => "D",
            _ => throw Unknown(o),
        };

    private static ArgumentException Unknown(object o) => new($"{o.GetType()} is no message of a cluster singleton");
}
