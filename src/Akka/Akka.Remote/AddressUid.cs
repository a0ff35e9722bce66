using System.Security.Cryptography;
using Akka.Actor;

namespace Akka.Remote;

/// <summary>The number that tells one start of a system from the next at the same address.</summary>
public class AddressUid : IExtension
{
    /// <summary>The number, by chance and never 0.</summary>
    public readonly int Uid = RandomNumberGenerator.GetInt32(1, int.MaxValue);
}

/// <summary>The id of <see cref="AddressUid"/>.</summary>
public class AddressUidExtension : ExtensionIdProvider<AddressUid>
{
    private static readonly AddressUidExtension Instance = new();

    /// <summary>The number of <paramref name="system"/>.</summary>
    public static int Uid(ActorSystem system) => Instance.Apply(system).Uid;

    /// <inheritdoc/>
    public override AddressUid CreateExtension(ExtendedActorSystem system) => new();
}
