// The directory: users, their keys and how they want to be served, as the records of the topic leave them.

import {
  accountSettings, identityKey, type AccountSettings, type ConsumptionKey, type Identity, type SigningKey,
  type TicketKey, type User
} from '../../schemas/identity/records.ts'
import type { HolderId, Instant } from '../../schemas/units.ts'

/** Something under the user that it belongs to. */
export type Owned<Key> = { readonly key: Key, readonly user: User }

const never = 0 as Instant

export class Directory {
  readonly #users = new Map<HolderId, User>()
  readonly #children = new Map<HolderId, Set<HolderId>>()
  readonly #signingKeys = new Map<string, SigningKey>()
  readonly #consumptionKeys = new Map<string, ConsumptionKey>()
  readonly #byHash = new Map<string, ConsumptionKey>()
  readonly #settings = new Map<HolderId, AccountSettings>()
  readonly #ticketKeys = new Map<string, TicketKey>()
  /** By key in the topic: what a null value revokes. */
  readonly #identities = new Map<string, Identity>()

  /** False for a record that is under another's key: it is passed over. */
  apply (key: string, identity: Identity | null): boolean {
    if (identity !== null && identityKey(identity) !== key) return false
    const before = this.#identities.get(key)
    if (before !== undefined) this.#remove(before)
    if (identity === null) {
      this.#identities.delete(key)
    } else {
      // What was decoded has its kind on a prototype, and loses it to whoever copies it.
      const kept = { ...identity, kind: identity.kind } as Identity
      this.#identities.set(key, kept)
      this.#add(kept)
    }
    return true
  }

  #add (identity: Identity): void {
    switch (identity.kind) {
      case 'user': {
        this.#users.set(identity.userId, identity)
        if (identity.parent === null) break
        const children = this.#children.get(identity.parent)
        if (children === undefined) this.#children.set(identity.parent, new Set([identity.userId]))
        else children.add(identity.userId)
        break
      }
      case 'signing-key':
        this.#signingKeys.set(identity.fingerprint, identity)
        break
      case 'consumption-key':
        this.#consumptionKeys.set(identity.keyId, identity)
        this.#byHash.set(identity.keyHash, identity)
        break
      case 'account-settings':
        this.#settings.set(identity.userId, identity)
        break
      case 'ticket-key':
        this.#ticketKeys.set(identity.keyId, identity)
    }
  }

  #remove (identity: Identity): void {
    switch (identity.kind) {
      case 'user':
        this.#users.delete(identity.userId)
        if (identity.parent !== null) this.#children.get(identity.parent)?.delete(identity.userId)
        break
      case 'signing-key':
        this.#signingKeys.delete(identity.fingerprint)
        break
      case 'consumption-key':
        this.#consumptionKeys.delete(identity.keyId)
        if (this.#byHash.get(identity.keyHash) === identity) this.#byHash.delete(identity.keyHash)
        break
      case 'account-settings':
        this.#settings.delete(identity.userId)
        break
      case 'ticket-key':
        this.#ticketKeys.delete(identity.keyId)
    }
  }

  user (id: HolderId): User | undefined {
    return this.#users.get(id)
  }

  /** By id, rising. */
  users (): User[] {
    return [...this.#users.values()].sort((a, b) => a.userId - b.userId)
  }

  /** Those that have it as their parent, by id, rising. */
  subAccounts (of: HolderId): User[] {
    return [...this.#children.get(of) ?? []].sort((a, b) => a - b).map(id => this.#users.get(id)!)
  }

  /** A key that signs now: it is registered, and its user is active. */
  signingKey (fingerprint: string): Owned<SigningKey> | undefined {
    return this.#active(this.#signingKeys.get(fingerprint))
  }

  /** A key that draws inference now. */
  consumptionKey (keyHash: string, now: Instant): Owned<ConsumptionKey> | undefined {
    const key = this.#byHash.get(keyHash)
    if (key === undefined || !key.isActive || (key.expiresAt !== null && key.expiresAt <= now)) return undefined
    return this.#active(key)
  }

  #active<Key extends { readonly userId: HolderId }> (key: Key | undefined): Owned<Key> | undefined {
    const user = key === undefined ? undefined : this.#users.get(key.userId)
    return key === undefined || user?.isActive !== true ? undefined : { key, user }
  }

  /** What is registered, whoever's it is and whether or not it counts: for operators. */
  registered (fingerprint: string): SigningKey | undefined {
    return this.#signingKeys.get(fingerprint)
  }

  signingKeysOf (id: HolderId): SigningKey[] {
    return [...this.#signingKeys.values()].filter(({ userId }) => userId === id)
  }

  consumptionKeyById (keyId: string): ConsumptionKey | undefined {
    return this.#consumptionKeys.get(keyId)
  }

  consumptionKeysOf (id: HolderId): ConsumptionKey[] {
    return [...this.#consumptionKeys.values()].filter(({ userId }) => userId === id)
  }

  /** How an account wants to be served: what it has set, else what holds of all. */
  settings (of: HolderId): AccountSettings {
    return this.#settings.get(of) ?? { kind: 'account-settings', userId: of, ...accountSettings, updatedAt: never }
  }

  /** Those that tickets may be signed with, the newest last; what has expired is still among them. */
  ticketKeys (): TicketKey[] {
    return [...this.#ticketKeys.values()].sort((a, b) => a.createdAt - b.createdAt)
  }
}
