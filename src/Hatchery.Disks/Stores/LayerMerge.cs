using System.Collections.Immutable;

namespace Hatchery.Disks;

/// <summary>A part of a chain, its upper end, that is to become one layer, or a base image.</summary>
/// <param name="Layer">The id of what is made.</param>
/// <param name="Name">Of the vDisk.</param>
/// <param name="Chain">As <see cref="DiskPlan.Chain"/>.</param>
/// <param name="Below">How many of the chain stay below what is made; 0: it is a base image with everything in it.</param>
/// <param name="Cache">A write cache on the chain that goes in, too: nobody has it open. With all of the chain below, it alone becomes a layer.</param>
/// <param name="DiskBytes">The disk is so long from there on, in whole blocks: no shorter than the chain's. 0: as long.</param>
public sealed record LayerMerge(
    FarmId Farm,
    LayerId Layer,
    string Name,
    ImmutableArray<LayerId> Chain,
    int Below,
    LayerId? Cache = null,
    long DiskBytes = 0
);
