namespace Hatchery.Mirroring;

/// <summary>The copies of a write cache that is open here.</summary>
public interface IMirroredCopies
{
    /// <summary>The session row as far as is known.</summary>
    SessionRow Row { get; }

    /// <summary>A further copy is being made, as far as is known.</summary>
    bool IsJoining { get; }

    /// <summary>Where they are to be from now on.</summary>
    /// <param name="unwanted">Servers that are to have none any more. This one among them: the device is to leave it.</param>
    /// <param name="target">The server that the device is to go to, none of the others; null: there is none.</param>
    void Want(IReadOnlySet<string> unwanted, string? target);
}
