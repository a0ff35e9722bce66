using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace Akka.Tests.Serialization;

public interface IGreeting;

public interface IPolite;

public record Greeting(string Text) : IGreeting;

public sealed record PoliteGreeting(string Text) : Greeting(Text), IPolite;

public sealed record Unbound;

/// <summary>Writes what its type is called, and the text.</summary>
public sealed class GreetingSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    public override int Identifier => 1001;

    public override string Manifest(object o) => o is PoliteGreeting ? "polite" : "plain";

    public override byte[] ToBinary(object obj) => Encoding.UTF8.GetBytes(((Greeting)obj).Text);

    public override object FromBinary(byte[] bytes, string manifest) =>
        manifest is "polite"
            ? new PoliteGreeting(Encoding.UTF8.GetString(bytes))
            : new Greeting(Encoding.UTF8.GetString(bytes));
}

public sealed class SpecialSerializer(ExtendedActorSystem system) : Serializer(system)
{
    public override bool IncludeManifest => true;

    public override byte[] ToBinary(object obj) => [1];

    public override object FromBinary(byte[] bytes, Type? type) => Activator.CreateInstance(type!, "special")!;
}

public sealed class SerializationTests : Akka.TestKit.Xunit2.TestKit
{
    private const string Assembly = "Akka.Tests";
    private const string Space = "Akka.Tests.Serialization";

    private static readonly Config Settings = ConfigurationFactory.ParseString(
        $$"""
        akka.actor {
          serializers {
            greeting = "{{Space}}.GreetingSerializer, {{Assembly}}"
            special = "{{Space}}.SpecialSerializer, {{Assembly}}"
          }
          serialization-bindings {
            "{{Space}}.IGreeting, {{Assembly}}" = greeting
            "{{Space}}.PoliteGreeting, {{Assembly}}" = special
          }
          serialization-identifiers {
            "{{Space}}.SpecialSerializer, {{Assembly}}" = 1002
          }
        }
        """
    );

    private readonly Akka.Serialization.Serialization serialization;

    public SerializationTests()
        : base(Settings) => serialization = Sys.Serialization;

    [Fact]
    public void A_type_is_bound_by_its_interface() =>
        Assert.IsType<GreetingSerializer>(serialization.FindSerializerForType(typeof(Greeting)));

    [Fact]
    public void The_most_specific_binding_wins() =>
        Assert.IsType<SpecialSerializer>(serialization.FindSerializerFor(new PoliteGreeting("x")));

    [Fact]
    public void Bytes_are_written_as_they_are()
    {
        byte[] bytes = [1, 2, 3];
        var serializer = serialization.FindSerializerFor(bytes);
        Assert.Equal(bytes, serialization.Deserialize(serializer.ToBinary(bytes), serializer.Identifier, ""));
    }

    [Fact]
    public void Null_has_a_serializer_of_its_own() =>
        Assert.IsType<NullSerializer>(serialization.FindSerializerFor(null));

    [Fact]
    public void A_message_is_read_back_by_identifier_and_manifest()
    {
        var message = new Greeting("hello");
        var serializer = serialization.FindSerializerFor(message);
        var manifest = Akka.Serialization.Serialization.ManifestFor(serializer, message);
        Assert.Equal("plain", manifest);
        Assert.Equal(message, serialization.Deserialize(serialization.Serialize(message), 1001, manifest));
    }

    [Fact]
    public void Without_string_manifests_the_type_is_the_manifest()
    {
        var message = new PoliteGreeting("x");
        var serializer = serialization.FindSerializerFor(message);
        var manifest = Akka.Serialization.Serialization.ManifestFor(serializer, message);
        Assert.StartsWith(typeof(PoliteGreeting).FullName!, manifest, StringComparison.Ordinal);
        Assert.Equal(new PoliteGreeting("special"), serialization.Deserialize([1], 1002, manifest));
    }

    [Fact]
    public void An_identifier_may_come_from_the_configuration() =>
        Assert.Equal(1002, serialization.FindSerializerForType(typeof(PoliteGreeting)).Identifier);

    [Fact]
    public void An_unknown_identifier_is_an_error() =>
        Assert.Throws<SerializationException>(() => serialization.Deserialize([1], 4711, ""));

    [Fact]
    public void A_manifest_that_names_no_type_is_an_error() =>
        Assert.ThrowsAny<Exception>(() => serialization.Deserialize([1], 1002, "No.Such.Type, Nowhere"));

    [Fact]
    public void A_binding_may_be_added()
    {
        serialization.AddSerializationMap(typeof(Unbound), new SpecialSerializer((ExtendedActorSystem)Sys));
        Assert.IsType<SpecialSerializer>(serialization.FindSerializerForType(typeof(Unbound)));
    }

    [Fact]
    public void A_reference_is_found_again_by_its_serialized_path()
    {
        var path = Akka.Serialization.Serialization.SerializedActorPath(TestActor);
        Assert.Equal(TestActor, serialization.DeserializeActorRef(path));
    }

    [Fact]
    public void No_reference_is_an_empty_path() =>
        Assert.Equal("", Akka.Serialization.Serialization.SerializedActorPath(ActorRefs.NoSender));

    [Fact]
    public void A_reference_is_written_with_the_address_of_the_transport()
    {
        var address = new Address("akka.tcp", "sys", "host", 4711);
        var path = Akka.Serialization.Serialization.WithTransport(
            Sys,
            address,
            () => Akka.Serialization.Serialization.SerializedActorPath(TestActor)
        );
        Assert.StartsWith("akka.tcp://sys@host:4711/", path, StringComparison.Ordinal);
    }
}
