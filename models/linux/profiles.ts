// Kernel profiles: the defaults that changed between the kernels of common distributions.
//
// net.core.somaxconn was 128 up to 5.3 and is 4096 from 5.4 on (include/linux/socket.h SOMAXCONN, commit
// 19f92a030ca6).

export interface Profile {
  /** Where this kernel is found. */
  where: string;
  somaxconn: number;
}

export const PROFILES = {
  "linux-3.13": { where: "Ubuntu 14.04", somaxconn: 128 },
  "linux-4.4": { where: "Ubuntu 16.04", somaxconn: 128 },
  "linux-4.15": { where: "Ubuntu 18.04", somaxconn: 128 },
  "linux-4.19": { where: "Debian 10", somaxconn: 128 },
  "linux-5.4": { where: "Ubuntu 20.04", somaxconn: 4096 },
  "linux-5.15": { where: "Ubuntu 22.04", somaxconn: 4096 },
  "linux-6.1": { where: "Debian 12", somaxconn: 4096 },
  "linux-6.8": { where: "Ubuntu 24.04", somaxconn: 4096 },
  "linux-6.14": { where: "Ubuntu 25.04", somaxconn: 4096 },
  "linux-6.18": { where: "long-term kernel of 2025", somaxconn: 4096 },
} as const satisfies Record<string, Profile>;

export type ProfileName = keyof typeof PROFILES;
export const PROFILE_NAMES = Object.keys(PROFILES) as [ProfileName, ...ProfileName[]];
